package dev.sinter.testkit;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/// An ONNX model as ONNX Runtime runs it, on one thread: whose answers Sinter's are compared with.
///
/// A module whose tests use it needs `com.microsoft.onnxruntime:onnxruntime` in test scope. ONNX
/// Runtime tells its makers of its use unless [#SILENCE] is set in the environment, where the build
/// sets it.
public final class OnnxRuntimePeer implements AutoCloseable {
  private static final String SILENCE = "ORT_DISABLE_TELEMETRY";

  private final OrtEnvironment environment;
  private final OrtSession session;

  private OnnxRuntimePeer(OrtEnvironment environment, OrtSession session) {
    this.environment = environment;
    this.session = session;
  }

  /// The model in `file`. Where ONNX Runtime is missing or does not load, the test that asked is
  /// skipped and says so.
  ///
  /// @throws IllegalArgumentException if ONNX Runtime refuses the model, with its words
  public static OnnxRuntimePeer open(Path file) {
    OrtEnvironment environment = environment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      // What goes wrong is thrown.
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      return new OnnxRuntimePeer(environment, environment.createSession(file.toString(), options));
    } catch (OrtException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  private static OrtEnvironment environment() {
    // It also crashes in what it does for this where the command line is a few thousand letters
    // long.
    Assumptions.assumeTrue(
        System.getenv(SILENCE) != null,
        "skipped, because %s=1 is not in the environment".formatted(SILENCE));
    try {
      return OrtEnvironment.getEnvironment();
    } catch (LinkageError | IllegalStateException e) {
      return Assumptions.abort("skipped, because ONNX Runtime does not load: " + e);
    }
  }

  /// The names of the inputs, in the model's order.
  public List<String> inputs() {
    return List.copyOf(session.getInputNames());
  }

  /// The names of the outputs, in the model's order.
  public List<String> outputs() {
    return List.copyOf(session.getOutputNames());
  }

  /// The sizes that the model declares for an input; -1 where it leaves one open.
  public long[] inputShape(String name) {
    try {
      NodeInfo info = session.getInputInfo().get(name);
      if (info != null && info.getInfo() instanceof TensorInfo tensor) {
        return tensor.getShape();
      }
      throw new IllegalArgumentException("no tensor comes in as " + name);
    } catch (OrtException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  /// The outputs for these inputs, in the model's order.
  ///
  /// @throws IllegalArgumentException if the model does not take them, with ONNX Runtime's words
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    Map<String, OnnxTensor> given = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        given.put(input.getKey(), tensor(input.getValue()));
      }
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      try (OrtSession.Result result = session.run(given)) {
        for (Map.Entry<String, OnnxValue> output : result) {
          outputs.put(output.getKey(), tensor(output.getKey(), output.getValue()));
        }
      }
      return outputs;
    } catch (OrtException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor tensor(Tensor tensor) throws OrtException {
    OnnxJavaType type =
        switch (tensor.dtype()) {
          case F16 -> OnnxJavaType.FLOAT16;
          case BF16 -> OnnxJavaType.BFLOAT16;
          case F32 -> OnnxJavaType.FLOAT;
          case F64 -> OnnxJavaType.DOUBLE;
          case I8 -> OnnxJavaType.INT8;
          case I16 -> OnnxJavaType.INT16;
          case I32 -> OnnxJavaType.INT32;
          case I64 -> OnnxJavaType.INT64;
          case U8 -> OnnxJavaType.UINT8;
          case BOOL -> OnnxJavaType.BOOL;
          case I4, U4, U16, U32, U64 ->
              throw new IllegalArgumentException(
                  "ONNX Runtime's Java interface takes no " + tensor.type());
        };
    // ONNX Runtime takes no memory of Java's heap, and asks for more than nothing.
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.max(1, Math.toIntExact(tensor.bytes())))
            .order(ByteOrder.nativeOrder());
    MemorySegment.ofBuffer(bytes).asSlice(0, tensor.bytes()).copyFrom(tensor.memory());
    bytes.limit(Math.toIntExact(tensor.bytes()));
    return OnnxTensor.createTensor(environment, bytes, tensor.shape(), type);
  }

  private static Tensor tensor(String name, OnnxValue value) {
    if (!(value instanceof OnnxTensor tensor)) {
      throw new IllegalArgumentException(name + " is no tensor but " + value);
    }
    DType dtype =
        switch (tensor.getInfo().onnxType) {
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> DType.F16;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> DType.BF16;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> DType.F32;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> DType.F64;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> DType.I8;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> DType.I16;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> DType.I32;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> DType.I64;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> DType.U8;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> DType.U16;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> DType.U32;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> DType.U64;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> DType.BOOL;
          default ->
              throw new IllegalArgumentException(
                  name + " has elements of " + tensor.getInfo().onnxType);
        };
    Tensor copy = Tensor.zeros(dtype, tensor.getInfo().getShape());
    if (copy.size() > 0) {
      copy.memory().copyFrom(MemorySegment.ofBuffer(tensor.getByteBuffer()));
    }
    return copy;
  }

  /// Ends the session.
  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
