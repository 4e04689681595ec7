package dev.sinter.cli;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Training;
import dev.sinter.runtime.files.Safetensors;
import dev.sinter.training.DataBinding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sinter train`: a training to trained weights and the JAR of the trained model.
@Command(name = "train", description = "Trains a model and compiles what was trained to a JAR.")
final class TrainCommand implements Callable<Integer> {
  @Mixin private Answer answer = new Answer();
  @Mixin private Compilation compilation = new Compilation();
  @Mixin private JarOptions output = new JarOptions();
  @Mixin private Threads threads = new Threads();

  @Parameters(paramLabel = "FILE", description = "The text (.sinter) with the training.")
  private Path file = Path.of("");

  @Option(names = "--train", paramLabel = "NAME", description = "Which of the text's trainings.")
  private @Nullable String training;

  @Option(
      names = "--data",
      paramLabel = "NAME=FILE#PART",
      description =
          "Where the values of a field are: CSV (with columns), npy, IDX, text; also .gz.")
  private List<String> data = List.of();

  @Option(
      names = "--test",
      paramLabel = "NAME=FILE#PART",
      description = "The same for the examples to test on, instead of held out ones.")
  private List<String> test = List.of();

  @Option(names = "--epochs", description = "How often to walk all examples.")
  private @Nullable Integer epochs;

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description = "Where to keep the state after each epoch.")
  private @Nullable Path checkpoint;

  @Option(
      names = "--resume",
      description = "Go on from the checkpoint, as if the training had never stopped.")
  private boolean resume;

  @Option(
      names = "--weights-out",
      paramLabel = "FILE",
      description = "The weights' file (.safetensors) to write; by default beside the JAR.")
  private @Nullable Path weightsOut;

  /// The answer.
  ///
  /// @param schema says what this document is
  /// @param training the training's name
  /// @param model the trained model's name, or null where no single model is trained
  /// @param examples how many examples were trained on
  /// @param testExamples how many it was tested on
  /// @param epochs how many epochs it has in all
  /// @param losses the mean losses of the last epoch
  /// @param metrics the metrics on the test examples
  /// @param seconds how long the training took
  /// @param weights the weights' file
  /// @param jar the JAR, or null where no single model is trained
  /// @param checkpoint the checkpoint, if one was asked for
  private record Trained(
      String schema,
      String training,
      @Nullable String model,
      long examples,
      long testExamples,
      int epochs,
      Map<String, Double> losses,
      Map<String, Double> metrics,
      double seconds,
      Path weights,
      @Nullable Path jar,
      @Nullable Path checkpoint) {}

  @Override
  public Integer call() throws IOException {
    if (resume && checkpoint == null) {
      throw new UserFault("--resume needs --checkpoint to know where to go on from");
    }
    if (epochs != null && epochs < 1) {
      throw new UserFault("--epochs is at least 1, not " + epochs);
    }
    ModelText text = ModelText.read(file, answer);
    ModelGraph graph = text.training(training, compilation.settings());
    CompileOptions options = output.in(compilation.options(file, answer));
    TrainingRun run =
        new TrainingRun(
            graph,
            text.folder(),
            bindings(data),
            bindings(test),
            epochs == null ? OptionalInt.empty() : OptionalInt.of(epochs),
            threads.count(),
            Optional.ofNullable(checkpoint),
            resume,
            options);
    TrainingRun.Outcome outcome = TrainingProgress.show(run, answer.notes());
    String member = graph.training().map(Training::model).orElse("");
    return member.isEmpty()
        ? keepWeights(graph, outcome)
        : keepModel(
            graph, text.trained(training, compilation.settings()), member, outcome, options);
  }

  private int keepWeights(ModelGraph graph, TrainingRun.Outcome outcome) throws IOException {
    Path file =
        weightsOut == null
            ? Path.of(graph.name().toLowerCase(Locale.ROOT) + ".safetensors")
            : weightsOut;
    Safetensors.write(file, outcome.weights(), Map.of("sinter.training", graph.name()));
    answer.note("Several models were trained, so only their weights are written.");
    return give(graph, null, outcome, file, null);
  }

  private int keepModel(
      ModelGraph graph,
      ModelGraph model,
      String member,
      TrainingRun.Outcome outcome,
      CompileOptions options)
      throws IOException {
    TrainedModel trained = TrainedModel.of(model, member, outcome.weights(), options);
    Path jar = output.jar(model.name());
    trained.compiled().write(jar, trained.weights(), options);
    Path file = weightsOut == null ? WeightsBeside.of(jar) : weightsOut;
    trained.writeWeights(file);
    return give(graph, model.name(), outcome, file, jar);
  }

  private int give(
      ModelGraph graph,
      @Nullable String model,
      TrainingRun.Outcome outcome,
      Path weights,
      @Nullable Path jar) {
    Trained result =
        new Trained(
            "sinter.train/1",
            graph.name(),
            model,
            outcome.examples(),
            outcome.testExamples(),
            outcome.epochs(),
            outcome.losses(),
            outcome.metrics(),
            outcome.seconds(),
            weights,
            jar,
            checkpoint);
    StringBuilder text = new StringBuilder();
    text.append("trained in ").append(Quantity.seconds(outcome.seconds())).append(": ");
    text.append(TrainingLines.values(outcome.losses(), outcome.metrics())).append('\n');
    text.append("weights in ").append(weights).append('\n');
    if (jar != null) {
      text.append("model in ").append(jar).append('\n');
    }
    return answer.give(result, text.toString());
  }

  private static List<DataBinding> bindings(List<String> texts) {
    try {
      return texts.stream().map(text -> DataBinding.parse(text, Path.of(""))).toList();
    } catch (IllegalArgumentException e) {
      throw new UserFault(String.valueOf(e.getMessage()));
    }
  }
}
