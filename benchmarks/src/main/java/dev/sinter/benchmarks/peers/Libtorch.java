package dev.sinter.benchmarks.peers;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/// libtorch, through DJL: the memory of one contestant's tensors, and what makes them.
final class Libtorch implements AutoCloseable {
  private final PtNDManager memory;

  private Libtorch(PtNDManager memory) {
    this.memory = memory;
  }

  /// Whether its libraries are on the class path; only `sinter bench` puts them there.
  static boolean isHere() {
    ClassLoader loader = Libtorch.class.getClassLoader();
    return loader.getResource("native/lib/pytorch.properties") != null
        && loader.getResource("jnilib/pytorch.properties") != null;
  }

  /// Starts it.
  ///
  /// @param folder where its libraries are unpacked to, once
  /// @throws IllegalArgumentException if it is not here or does not load
  static Libtorch start(Path folder, int threads) {
    if (!isHere()) {
      throw new IllegalArgumentException("libtorch is not here");
    }
    System.setProperty("ENGINE_CACHE_DIR", folder.toString());
    System.setProperty("DJL_CACHE_DIR", folder.toString());
    // It asks nobody for its libraries, and tells nobody of its use.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    try {
      Engine engine = Engine.getEngine("PyTorch");
      JniUtils.setNumThreads(threads);
      // Its optimizer of scripts makes steps of training slower, and networks no faster.
      JniUtils.setGraphExecutorOptimize(false);
      return new Libtorch((PtNDManager) engine.newBaseManager(Device.cpu()));
    } catch (EngineException | LinkageError e) {
      throw new IllegalArgumentException("libtorch does not load: " + e.getMessage(), e);
    }
  }

  /// A copy of a tensor of `f32`, or of integers, which become the 64-bit ones that indices are.
  ///
  /// @throws IllegalArgumentException if it is of something else
  PtNDArray copy(Tensor tensor) {
    boolean whole = tensor.dtype() == DType.I32 || tensor.dtype() == DType.I64;
    if (!whole && tensor.dtype() != DType.F32) {
      throw new IllegalArgumentException(tensor.dtype() + " is not known here");
    }
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(Math.toIntExact(tensor.size() * (whole ? 8 : 4)))
            .order(ByteOrder.nativeOrder());
    if (tensor.dtype() == DType.I32) {
      for (long i = 0; i < tensor.size(); i++) {
        buffer.putLong(tensor.getLong(i));
      }
      buffer.flip();
    } else {
      MemorySegment.ofBuffer(buffer).copyFrom(tensor.memory().asSlice(0, tensor.bytes()));
    }
    DataType type = whole ? DataType.INT64 : DataType.FLOAT32;
    return memory.create(buffer, new Shape(tensor.shape()), type);
  }

  /// The tensors of a list.
  PtNDArray[] tensors(IValue list) {
    return list.toTensorArray(memory);
  }

  /// Zeros in the shape of a tensor.
  PtNDArray zeros(long... shape) {
    return (PtNDArray) memory.zeros(new Shape(shape), DataType.FLOAT32);
  }

  /// A module, which may be trained.
  PtSymbolBlock module(byte[] archive) {
    JniUtils.setGradMode(true);
    try {
      return JniUtils.loadModule(memory, new ByteArrayInputStream(archive), false, false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}
