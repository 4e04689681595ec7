package dev.sinter.benchmarks.peers;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.Compiler;
import dev.sinter.compiler.measure.MachineLimits;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Training;
import dev.sinter.passes.WeightStorage;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.StateSpec;
import dev.sinter.runtime.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.BiFunction;

/// A training step, compiled once and run in Sinter and in libtorch, which begin with the same
/// weights.
final class TrainingTrial implements AutoCloseable {
  /// Losses that lie further apart, relative to their size, come of different steps.
  private static final double MOST_ERROR = 1e-3;

  /// How many steps are compared.
  private static final int COMPARED = 6;

  private final TrainingStep step;
  private final CompiledModel compiled;
  private final Model model;
  private final Map<String, Tensor> weights = new LinkedHashMap<>();
  private final List<Map<String, Tensor>> batches;

  TrainingTrial(TrainingStep step) {
    this(step, CompiledModel::load);
  }

  /// @param load makes a model of what was compiled and its weights
  TrainingTrial(TrainingStep step, BiFunction<CompiledModel, Map<String, Tensor>, Model> load) {
    this.step = step;
    ModelGraph graph = step.graph();
    compiled = new Compiler(CompileOptions.DEFAULT).compile(graph);
    Map<String, Tensor> initial = compiled.initialWeights(1);
    model = load.apply(compiled, initial);
    for (StateSpec state : compiled.spec().states()) {
      if (state.trained()) {
        weights.put(state.name(), Objects.requireNonNull(initial.get(state.name())));
      }
    }
    batches = batches(graph.training().orElseThrow());
  }

  /// Two batches that differ in their integers only: what the one says of an example, the other
  /// denies, so that gradients do not vanish however long it trains.
  private List<Map<String, Tensor>> batches(Training training) {
    Random random = new Random(7);
    Map<String, Tensor> first = new LinkedHashMap<>();
    Map<String, Tensor> second = new LinkedHashMap<>();
    for (Training.Field field : training.data()) {
      long[] shape = new long[field.type().shape().size()];
      shape[0] = training.batchSize();
      for (int axis = 1; axis < shape.length; axis++) {
        shape[axis] = field.type().shape().get(axis).constant();
      }
      Tensor one = Tensor.zeros(field.type().dtype(), shape);
      Tensor other = Tensor.zeros(field.type().dtype(), shape);
      for (long i = 0; i < one.size(); i++) {
        if (one.dtype().isFloat()) {
          one.setDouble(i, random.nextGaussian());
          other.setDouble(i, one.getDouble(i));
        } else {
          one.setLong(i, random.nextInt(step.classes()));
          other.setLong(i, random.nextInt(step.classes()));
        }
      }
      first.put(field.name(), one);
      second.put(field.name(), other);
    }
    return List.of(first, second);
  }

  /// Sinter's side.
  SinterContestant ours(int threads) {
    return SinterContestant.step(model, batches, threads);
  }

  /// libtorch's side.
  ///
  /// @param folder where its libraries are unpacked to
  /// @throws IllegalArgumentException if it is not here or does not load
  LibtorchStep theirs(Path folder, int threads) {
    return new LibtorchStep(step, batches, weights, folder, threads);
  }

  /// Lets both train, by turns. Without libtorch Sinter trains alone, and the row fails.
  Line run(String id, int threads, MachineLimits limits, double seconds, Path folder) {
    try (SinterContestant ours = ours(threads)) {
      LibtorchStep libtorch;
      try {
        libtorch = theirs(folder, threads);
      } catch (IllegalArgumentException e) {
        Race.Result alone = Race.run(ours, List.of(), seconds);
        return Line.alone(
            id, threads, WeightStorage.F32, alone.ours(), String.valueOf(e.getMessage()));
      }
      try (LibtorchStep theirs = libtorch) {
        double error = distance(ours, theirs);
        if (!(error <= MOST_ERROR)) {
          return Line.failed(
              id, threads, WeightStorage.F32, "the losses differ by %.2g".formatted(error));
        }
        Race.Result race = Race.run(ours, List.of(theirs), seconds);
        double least =
            Work.of(compiled, batches.getFirst(), ours.results(), WeightStorage.F32).least(limits);
        return Line.of(id, threads, WeightStorage.F32, race, least, error);
      }
    }
  }

  /// The largest distance of the losses of the first steps, relative to libtorch's.
  static double distance(Contestant ours, Contestant theirs) {
    double largest = 0;
    for (int i = 0; i < COMPARED; i++) {
      ours.run();
      theirs.run();
      double loss = loss(theirs);
      largest = Math.max(largest, Math.abs(loss(ours) - loss) / loss);
    }
    return largest;
  }

  private static double loss(Contestant contestant) {
    return contestant.results().values().iterator().next().getDouble(0);
  }

  @Override
  public void close() {
    model.close();
  }
}
