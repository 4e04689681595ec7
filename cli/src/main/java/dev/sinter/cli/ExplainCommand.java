package dev.sinter.cli;

import dev.sinter.codegen.java.SourceFile;
import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.Compiler;
import dev.sinter.compiler.Report;
import dev.sinter.ir.ModelGraph;
import dev.sinter.runtime.BufferPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sinter explain`: what a model becomes.
@Command(
    name = "explain",
    description = "Shows the kernels, costs and memory of a model, or a stage as text.")
final class ExplainCommand implements Callable<Integer> {
  /// What a model is on its way to a JAR.
  enum Stage {
    PROGRAMS,
    JAVA
  }

  @Mixin private Answer answer = new Answer();
  @Mixin private Settings settings = new Settings();

  @Parameters(paramLabel = "FILE", description = "The model's text (.sinter).")
  private Path file = Path.of("");

  @Option(names = "--model", paramLabel = "NAME", description = "Which of the text's models.")
  private @Nullable String model;

  @Option(
      names = "--train",
      paramLabel = "NAME",
      description = "Explain this training instead of a model.")
  private @Nullable String training;

  @Option(
      names = "--stage",
      description = "Show a stage as text: programs (steps and kernels) or java.")
  private @Nullable Stage stage;

  /// The answer.
  ///
  /// @param schema says what this document is
  /// @param model the model's or training's name
  /// @param entries what each entry runs
  /// @param kernels the distinct kernels
  /// @param methods every generated method with the bytes of its bytecode
  private record Explanation(
      String schema,
      String model,
      List<Entry> entries,
      List<KernelTable.Row> kernels,
      List<Method> methods) {}

  /// @param steps the launches in their order
  /// @param plan the memory: each buffer, where it lies, and in which steps it lives
  private record Entry(String name, List<Step> steps, List<Buffer> plan) {}

  /// @param flops how many operations on floats, as an expression over the sizes
  private record Step(
      String kernel, List<String> lines, String flops, String bytesRead, String bytesWritten) {}

  /// @param sharing the buffer whose memory it takes over, or null
  private record Buffer(
      String name, String storage, int first, int last, @Nullable String sharing) {}

  private record Method(String type, String name, int bytes) {}

  /// A stage as text.
  private record Text(String schema, String model, String stage, String text) {}

  @Override
  public Integer call() throws IOException {
    ModelText text = ModelText.read(file, answer);
    ModelGraph graph =
        training == null
            ? text.model(model, settings.values())
            : text.training(training, settings.values());
    CompiledModel compiled = new Compiler(CompileOptions.DEFAULT).compile(graph);
    if (stage != null) {
      String shown =
          switch (stage) {
            case PROGRAMS -> Compiler.text(compiled.programs());
            case JAVA ->
                compiled.jar().sources().stream()
                    .map(SourceFile::text)
                    .collect(Collectors.joining("\n"));
          };
      String name = stage.name().toLowerCase(Locale.ROOT);
      return answer.give(new Text("sinter.stage/1", graph.name(), name, shown), shown);
    }
    return answer.give(explanation(compiled), text(compiled));
  }

  private static Explanation explanation(CompiledModel compiled) {
    Report report = compiled.report();
    return new Explanation(
        "sinter.explain/1",
        compiled.graph().name(),
        report.entries().stream()
            .map(entry ->
                new Entry(
                    entry.name(),
                    entry.launches().stream().map(l -> step(l, report)).toList(),
                    buffers(entry.plan())))
            .toList(),
        KernelTable.of(report).rows(),
        report.methods().stream()
            .map(m -> new Method(m.className(), m.name(), m.bytes()))
            .toList());
  }

  private static Step step(Report.Launch launch, Report report) {
    return new Step(
        report.kernels().get(launch.kernel()).name(),
        launch.lines(),
        launch.cost().flops().toString(),
        launch.cost().bytesRead().toString(),
        launch.cost().bytesWritten().toString());
  }

  private static List<Buffer> buffers(BufferPlan plan) {
    List<Buffer> buffers = new ArrayList<>();
    for (BufferPlan.Buffer buffer : plan.buffers()) {
      boolean shares = buffer.sharing() != buffers.size();
      buffers.add(
          new Buffer(
              buffer.name(),
              buffer.storage().text(),
              buffer.first(),
              buffer.last(),
              shares ? plan.buffers().get(buffer.sharing()).name() : null));
    }
    return buffers;
  }

  private static String text(CompiledModel compiled) {
    Report report = compiled.report();
    StringBuilder out = new StringBuilder();
    out.append("kernels of ").append(compiled.graph().name()).append("\n\n");
    out.append(KernelTable.of(report).text());
    for (Report.Entry entry : report.entries()) {
      out.append("\nsteps of ").append(entry.name()).append("\n\n");
      TextTable steps = new TextTable("step", "kernel", "flops", "bytes read", "bytes written");
      for (Report.Launch launch : entry.launches()) {
        Step step = step(launch, report);
        steps.row(
            step.lines().stream()
                .map(line -> line.substring(line.lastIndexOf('/') + 1))
                .collect(Collectors.joining(" ")),
            step.kernel(),
            step.flops(),
            step.bytesRead(),
            step.bytesWritten());
      }
      out.append(steps.text());
      out.append("\nmemory of ").append(entry.name()).append("\n\n");
      TextTable memory = new TextTable("buffer", "storage", "first step", "last step", "in");
      for (Buffer buffer : buffers(entry.plan())) {
        memory.row(
            buffer.name(),
            buffer.storage(),
            Integer.toString(buffer.first()),
            Integer.toString(buffer.last()),
            buffer.sharing() == null ? "" : buffer.sharing());
      }
      out.append(memory.text());
    }
    return out.toString();
  }
}
