package dev.sinter.cli;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.Compiler;
import dev.sinter.ir.Dim;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Training;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.StateSpec;
import dev.sinter.runtime.Tensor;
import dev.sinter.training.DataBinding;
import dev.sinter.training.Dataset;
import dev.sinter.training.Field;
import dev.sinter.training.Trainer;
import dev.sinter.training.TrainingListener;
import dev.sinter.training.TrainingSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/// A training from its graph to trained weights.
///
/// @param graph the training
/// @param folder where relative sources in its text lie
/// @param data bindings that replace or complete those of the text
/// @param test bindings of other examples to test on; empty for those held out
/// @param epochs instead of the text's number
/// @param threads on how many threads
/// @param checkpoint where the state is kept after each epoch
/// @param resume whether to go on from the checkpoint
/// @param options how the training is compiled
record TrainingRun(
    ModelGraph graph,
    Path folder,
    List<DataBinding> data,
    List<DataBinding> test,
    OptionalInt epochs,
    int threads,
    Optional<Path> checkpoint,
    boolean resume,
    CompileOptions options) {

  /// How a training ended.
  ///
  /// @param weights the trained parameters and kept states, by the names that they have in the
  ///   training
  /// @param examples how many examples were trained on
  /// @param testExamples how many it was tested on
  /// @param epochs how many epochs it has in all
  /// @param losses the mean losses of the last epoch; empty if there was nothing left to train
  /// @param metrics the metrics on the test examples
  /// @param seconds how long the training took, the tests included
  record Outcome(
      Map<String, Tensor> weights,
      long examples,
      long testExamples,
      int epochs,
      Map<String, Double> losses,
      Map<String, Double> metrics,
      double seconds) {}

  /// What a listener is made for, once the number of epochs is known.
  @FunctionalInterface
  interface Audience {
    TrainingListener listener(int epochs);
  }

  /// Compiles and trains.
  Outcome train(Audience audience) throws IOException {
    Training training = graph.training().orElseThrow();
    TrainingSpec text = spec(training);
    TrainingSpec spec = epochs.isPresent() ? text.withEpochs(epochs.getAsInt()) : text;
    Dataset examples = Dataset.read(spec.fields(), bindings(spec));
    Optional<Dataset> others =
        test.isEmpty() ? Optional.empty() : Optional.of(Dataset.read(spec.fields(), test));
    CompiledModel compiled = new Compiler(options).compile(graph);
    long start = System.nanoTime();
    try (Model model = compiled.load(training.seed());
        Session session = model.session(threads)) {
      Trainer trainer = new Trainer(session, model.spec(), spec, examples, others);
      Optional<TrainingListener.Epoch> last =
          trainer.run(checkpoint, resume, audience.listener(spec.epochs()));
      double seconds = (System.nanoTime() - start) * 1e-9;
      long held = others.isPresent() ? 0 : spec.holdout();
      return new Outcome(
          weights(compiled, session, training.seed()),
          examples.examples() - held,
          others.map(Dataset::examples).orElse(held),
          spec.epochs(),
          last.map(TrainingListener.Epoch::losses).orElse(Map.of()),
          last.isPresent() ? last.get().metrics() : trainer.evaluate(),
          seconds);
    }
  }

  private List<DataBinding> bindings(TrainingSpec spec) {
    List<DataBinding> all = new ArrayList<>(data);
    for (Field field : spec.fields()) {
      boolean bound = data.stream().anyMatch(b -> b.field().equals(field.name()));
      if (!bound && !field.source().isEmpty()) {
        all.add(DataBinding.of(field.name(), field.source(), folder));
      }
    }
    return all;
  }

  /// Weights and states that belong to the model; an optimizer's own are not saved with it. What no
  /// step comes to, such as a memory that only serves when the model is used, is as it began.
  private static Map<String, Tensor> weights(CompiledModel compiled, Session session, long seed) {
    Map<String, Tensor> initial = compiled.initialWeights(seed);
    Set<String> reached =
        compiled.spec().states().stream().map(StateSpec::name).collect(Collectors.toSet());
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (ModelGraph.Parameter parameter : compiled.saved()) {
      String name = parameter.name();
      if (parameter.kind() != ModelGraph.Kind.SLOT) {
        weights.put(
            name,
            reached.contains(name)
                ? session.state(name)
                : Objects.requireNonNull(initial.get(name)));
      }
    }
    return weights;
  }

  private static TrainingSpec spec(Training training) {
    return new TrainingSpec(
        training.data().stream().map(TrainingRun::field).toList(),
        Math.toIntExact(training.batchSize()),
        training.steps().stream()
            .map(step -> new TrainingSpec.Step(step.entry(), step.times()))
            .toList(),
        training.metricsEntry(),
        training.seed(),
        training.epochs(),
        training.holdout());
  }

  private static Field field(Training.Field field) {
    return new Field(
        field.name(),
        field.type().dtype(),
        field.type().shape().stream().skip(1).map(Dim::constant).toList(),
        field.source());
  }
}
