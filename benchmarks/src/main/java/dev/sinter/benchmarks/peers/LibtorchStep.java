package dev.sinter.benchmarks.peers;

import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import dev.sinter.runtime.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A training step in libtorch: one call of a TorchScript function that computes loss, gradients
/// and a fused step of Adam, so that nothing of Java stands between its operators.
final class LibtorchStep implements Contestant {
  private final Libtorch torch;
  private final PtSymbolBlock module;
  private final List<NDList> batches = new ArrayList<>();
  private NDList loss = new NDList();
  private int turn;

  /// @param batches the fields of batches that take turns, in the order of the step's text
  /// @param weights what it begins with, in the order in which the step is given them
  /// @throws IllegalArgumentException if libtorch is not here or does not load
  LibtorchStep(
      TrainingStep step,
      List<Map<String, Tensor>> batches,
      Map<String, Tensor> weights,
      Path folder,
      int threads) {
    torch = Libtorch.start(folder, threads);
    List<String> fields = List.copyOf(batches.getFirst().keySet());
    module = torch.module(TorchScript.adam(fields, List.copyOf(weights.keySet()), step.torch()));
    List<PtNDArray> state = new ArrayList<>();
    weights
        .values()
        .forEach(weight -> {
          PtNDArray copy = torch.copy(weight);
          copy.setRequiresGradient(true);
          state.add(named("weights[]", copy));
        });
    weights.values().forEach(w -> state.add(named("means[]", torch.zeros(w.shape()))));
    weights.values().forEach(w -> state.add(named("squares[]", torch.zeros(w.shape()))));
    weights.values().forEach(w -> state.add(named("turns[]", torch.zeros())));
    for (Map<String, Tensor> batch : batches) {
      NDList arguments = new NDList();
      batch.values().forEach(field -> arguments.add(torch.copy(field)));
      arguments.addAll(state);
      this.batches.add(arguments);
    }
  }

  /// DJL makes one list of the arrays that have a name which ends so.
  private static PtNDArray named(String name, PtNDArray array) {
    array.setName(name);
    return array;
  }

  @Override
  public String name() {
    return "libtorch";
  }

  @Override
  public void run() {
    loss.close();
    loss = IValueUtils.forward(module, batches.get(turn), true);
    turn = (turn + 1) % batches.size();
  }

  @Override
  public Map<String, Tensor> results() {
    return Map.of("loss", Tensor.of(new float[] {loss.get(0).getFloat()}));
  }

  @Override
  public void close() {
    loss.close();
    module.close();
    torch.close();
  }
}
