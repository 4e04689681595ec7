package dev.sinter.cli;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Training;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sinter demo`: handwritten digits from text to a JAR that reads them.
@Command(
    name = "demo",
    description = "Trains a small network on handwritten digits, packs it, and runs the JAR.")
final class DemoCommand implements Callable<Integer> {
  @Mixin private Answer answer = new Answer();
  @Mixin private Threads threads = new Threads();

  @Option(
      names = "--output-dir",
      paramLabel = "FOLDER",
      description = "Where to write; by default target/demo of the checkout or of this folder.")
  private @Nullable Path output;

  @Option(names = "--epochs", description = "How often to walk all examples.")
  private @Nullable Integer epochs;

  /// The answer.
  ///
  /// @param schema says what this document is
  /// @param testAccuracy the part of the test's digits that the JAR recognized, from 0 to 1
  /// @param testExamples how many digits that are: the last rows of the file
  /// @param jar the JAR that was written and run
  /// @param weights the trained weights
  /// @param model the model's text
  /// @param kernels the kernels of the JAR
  /// @param trainSeconds how long the training took
  /// @param seconds how long it all took
  private record Demo(
      String schema,
      double testAccuracy,
      long testExamples,
      Path jar,
      Path weights,
      Path model,
      List<KernelTable.Row> kernels,
      double trainSeconds,
      double seconds) {}

  @Override
  public Integer call() throws IOException {
    long start = System.nanoTime();
    DigitsSample sample = DigitsSample.unpack(folder());
    answer.note("The model is " + sample.text() + ".");
    ModelText text = ModelText.read(sample.text(), answer);
    ModelGraph training = text.training(null, Map.of());
    TrainingRun run =
        new TrainingRun(
            training,
            text.folder(),
            List.of(),
            List.of(),
            epochs == null ? OptionalInt.empty() : OptionalInt.of(epochs),
            threads.count(),
            Optional.empty(),
            false,
            CompileOptions.DEFAULT);
    TrainingRun.Outcome outcome = TrainingProgress.show(run, answer.notes());
    answer.note("Trained in " + Quantity.seconds(outcome.seconds()) + "; packing the JAR...");

    CompileOptions options = CompileOptions.DEFAULT.withJar(false, true);
    TrainedModel trained =
        TrainedModel.of(
            text.trained(null, Map.of()),
            training.training().map(Training::model).orElse(""),
            outcome.weights(),
            options);
    trained.compiled().write(sample.jar(), trained.weights(), options);
    trained.writeWeights(sample.weights());
    answer.note("Running it in a JVM of its own: " + sample.command());

    DigitsSample.Recognized recognized = sample.recognize();
    KernelTable kernels = KernelTable.of(trained.compiled().report());
    Demo demo =
        new Demo(
            "sinter.demo/1",
            recognized.accuracy(),
            recognized.examples(),
            sample.jar(),
            sample.weights(),
            sample.text(),
            kernels.rows(),
            outcome.seconds(),
            (System.nanoTime() - start) * 1e-9);
    return answer.give(
        demo,
        "%n%s%nThe kernels of %s:%n%n%s%n%s, %s in all. Everything lies in %s.%n"
            .formatted(
                recognized.text(),
                sample.jar().getFileName(),
                kernels.text(),
                "trained in " + Quantity.seconds(outcome.seconds()),
                Quantity.seconds(demo.seconds()),
                sample.folder()));
  }

  private Path folder() {
    if (output != null) {
      return output.toAbsolutePath().normalize();
    }
    String home = System.getProperty("sinter.home", "");
    return Path.of(home, "target", "demo").toAbsolutePath().normalize();
  }
}
