package dev.sinter.cli;

import dev.sinter.codegen.jar.ModelJar;
import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.Compiler;
import dev.sinter.ir.ModelGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sinter compile`: a text or an ONNX model to a JAR.
@Command(name = "compile", description = "Compiles a model to a JAR.")
final class CompileCommand implements Callable<Integer> {
  /// What code is generated for.
  enum Target {
    JAVA,
    PTX
  }

  @Mixin private Answer answer = new Answer();
  @Mixin private ModelChoice model = new ModelChoice();
  @Mixin private Compilation compilation = new Compilation();
  @Mixin private WeightOptions weights = new WeightOptions();
  @Mixin private JarOptions output = new JarOptions();

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
    ModelSource source = model.read(answer);
    ModelGraph graph = model.graph(source, compilation.settings());
    CompileOptions options = options();
    Compiler compiler = new Compiler(options);
    source.show(compiler);
    CompiledModel compiled = compiler.compile(graph);
    Path jar = output.jar(graph.name());
    compiled.write(jar, compiled.weights(options), options);
    weights.noteDrawn(compiled.saved(), answer);
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

  private CompileOptions options() throws IOException {
    CompileOptions options =
        output
            .in(weights.in(compilation.options(model.file(), answer)))
            .withPtx(targets.contains(Target.PTX));
    return dumps == null ? options : options.withDumpDir(dumps);
  }
}
