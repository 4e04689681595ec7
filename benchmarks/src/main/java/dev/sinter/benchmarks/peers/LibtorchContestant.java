package dev.sinter.benchmarks.peers;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import dev.sinter.onnx.model.OnnxModel;
import dev.sinter.onnx.model.OnnxReader;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A network in libtorch: one call of a TorchScript function that has an operator of libtorch for
/// each node of the file, as a program for PyTorch has them. Nothing is frozen, packed or folded
/// before.
final class LibtorchContestant implements Contestant {
  private final Libtorch torch;
  private final PtSymbolBlock module;
  private final IValue[] arguments;
  private final Map<String, Tensor> results = new LinkedHashMap<>();
  private @Nullable IValue last;

  /// @param like results of the same network, in the order of the file: they tell the sizes
  /// @throws IllegalArgumentException if libtorch is not here, or the network has an operator that
  ///   is not known here
  LibtorchContestant(
      Path file,
      Map<String, Tensor> arguments,
      Map<String, Tensor> like,
      Path folder,
      int threads) {
    OnnxModel model = read(file);
    TorchNetwork.Script script = TorchNetwork.of(model);
    torch = Libtorch.start(folder, threads);
    module = torch.module(TorchScript.network(script));
    List<IValue> values = new ArrayList<>();
    for (Tensor argument : arguments.values()) {
      values.add(IValue.from(torch.copy(argument)));
    }
    values.add(
        IValue.listFrom(
            script.weights().values().stream().map(torch::copy).toArray(PtNDArray[]::new)));
    this.arguments = values.toArray(IValue[]::new);
    model
        .graph()
        .outputs()
        .forEach(output -> {
          Tensor one = Objects.requireNonNull(like.get(output.name()));
          results.put(output.name(), Tensor.zeros(one.dtype(), one.shape()));
        });
  }

  private static OnnxModel read(Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      return OnnxReader.model(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  @Override
  public String name() {
    return "libtorch";
  }

  @Override
  public void run() {
    forget();
    last = module.forward(arguments);
  }

  @Override
  public Map<String, Tensor> results() {
    PtNDArray[] given = torch.tensors(Objects.requireNonNull(last));
    int number = 0;
    for (Tensor result : results.values()) {
      try (PtNDArray one = given[number]) {
        result.memory().copyFrom(MemorySegment.ofBuffer(one.toByteBuffer()));
      }
      number++;
    }
    return results;
  }

  private void forget() {
    if (last != null) {
      last.close();
      last = null;
    }
  }

  @Override
  public void close() {
    forget();
    for (IValue argument : arguments) {
      argument.close();
    }
    module.close();
    torch.close();
  }
}
