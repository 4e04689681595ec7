package dev.sinter.cli;

import dev.sinter.codegen.jar.ModelJar;
import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.Compiler;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sinter compile`: a text or an ONNX model to a JAR.
@Command(name = "compile", description = "Compiles a model to a JAR.")
final class CompileCommand implements Callable<Integer> {
  /// What code is generated for.
  enum Target {
    JAVA,
    PTX
  }

  @Mixin private Answer answer = new Answer();
  @Mixin private Settings settings = new Settings();
  @Mixin private ScheduleOptions schedules = new ScheduleOptions();
  @Mixin private WeightOptions weights = new WeightOptions();
  @Mixin private JarOptions output = new JarOptions();

  @Parameters(
      paramLabel = "FILE",
      description = "The model's text (.sinter), or an ONNX model (.onnx).")
  private Path file = Path.of("");

  @Option(names = "--model", paramLabel = "NAME", description = "Which of the text's models.")
  private @Nullable String model;

  @Option(
      names = "--target",
      split = ",",
      description =
          "What to generate code for: java, or java,ptx. PTX lies in the JAR as text, for the"
              + " kernels that have such a form; nothing runs it yet.")
  private List<Target> targets = List.of(Target.JAVA);

  @Option(
      names = "--dump-dir",
      paramLabel = "FOLDER",
      description = "Where to write each stage as text, numbered.")
  private @Nullable Path dumps;

  /// The answer.
  ///
  /// @param schema says what this document is
  /// @param model the model's name
  /// @param type the Java class to call it by
  /// @param jar the JAR
  /// @param sources the JAR of the generated sources
  /// @param weights the weights' file, if they lie beside the JAR
  /// @param kernels how many distinct kernels there are
  /// @param jarBytes the size of the JAR
  /// @param seconds how long it all took
  private record Compiled(
      String schema,
      String model,
      String type,
      Path jar,
      Path sources,
      @Nullable Path weights,
      int kernels,
      long jarBytes,
      double seconds) {}

  @Override
  public Integer call() throws IOException {
    if (!targets.contains(Target.JAVA)) {
      throw new UserFault("a JAR always holds Java: write --target java,ptx");
    }
    long start = System.nanoTime();
    ModelSource source = ModelSource.read(file, answer);
    ModelGraph graph = source.model(model, settings.values());
    CompileOptions options =
        new CompileOptions(
            settings.values(),
            weights.given(),
            OptionalLong.empty(),
            output.weightsBeside(),
            output.standalone(),
            targets.contains(Target.PTX),
            Optional.ofNullable(dumps),
            settings.mostTurns(),
            settings.math(),
            settings.storage(),
            schedules.table(file, answer));
    Compiler compiler = new Compiler(options);
    source.show(compiler);
    CompiledModel compiled = compiler.compile(graph);
    Path jar = output.jar(graph.name());
    compiled.write(jar, compiled.weights(options), options);
    if (options.weights().isEmpty()
        && compiled.saved().stream().anyMatch(CompileCommand::isDrawn)) {
      answer.note("The weights are as they begin, untrained; --weights takes trained ones.");
    }
    Compiled result =
        new Compiled(
            "sinter.compile/1",
            graph.name(),
            compiled.jar().names().facadeName(),
            jar,
            ModelJar.sourcesBeside(jar),
            options.weightsBeside() ? WeightsBeside.of(jar) : null,
            compiled.report().kernels().size(),
            Files.size(jar),
            (System.nanoTime() - start) * 1e-9);
    return answer.give(
        result,
        "%s: %s in %s, %d kernels%n"
            .formatted(jar, result.type(), Quantity.bytes(result.jarBytes()), result.kernels()));
  }

  static boolean isDrawn(ModelGraph.Parameter parameter) {
    return !(parameter.initializer() instanceof Initializer.Held);
  }
}
