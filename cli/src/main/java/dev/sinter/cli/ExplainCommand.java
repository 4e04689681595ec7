package dev.sinter.cli;

import dev.sinter.codegen.jar.MethodSizes;
import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.Compiler;
import dev.sinter.compiler.Report;
import dev.sinter.compiler.measure.Measurement;
import dev.sinter.ir.ModelGraph;
import dev.sinter.runtime.BufferPlan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `sinter explain`: what a model becomes.
@Command(
    name = "explain",
    description = "Shows the kernels, costs and memory of a model, or a stage as text.")
final class ExplainCommand implements Callable<Integer> {
  /// The names that `--stage` takes.
  static final class StageNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Compiler.stages().iterator();
    }
  }

  @Spec private @Nullable CommandSpec spec;
  @Mixin private Answer answer = new Answer();
  @Mixin private ModelOrTraining model = new ModelOrTraining();
  @Mixin private Compilation compilation = new Compilation();
  @Mixin private WeightOptions weights = new WeightOptions();
  @Mixin private MeasureOptions measure = new MeasureOptions();

  @Option(
      names = "--stage",
      paramLabel = "NAME",
      completionCandidates = StageNames.class,
      description = "Show a stage as text, one of ${COMPLETION-CANDIDATES}.")
  private @Nullable String stage;

  /// The answer.
  ///
  /// @param schema says what this document is
  /// @param model the model's or training's name
  /// @param entries what each entry runs
  /// @param kernels the distinct kernels
  /// @param ptx for each kernel whether it has a form in PTX
  /// @param methods every generated method with the bytes of its bytecode
  /// @param measured what the steps reach of what this machine can do, if that was asked
  private record Explanation(
      String schema,
      String model,
      List<Entry> entries,
      List<KernelTable.Row> kernels,
      List<Ptx> ptx,
      List<Method> methods,
      @Nullable Measurement measured) {}

  /// @param reason why it has none, or null where it has one
  private record Ptx(String kernel, @Nullable String reason) {}

  /// @param steps the launches in their order
  /// @param plan the memory: each buffer, where it lies, and in which steps it lives
  private record Entry(String name, List<Step> steps, List<Buffer> plan) {}

  /// @param flops how many operations on floats, as an expression over the sizes
  /// @param bytesSaved what would go through memory besides, were each op a kernel of its own
  /// @param nanoseconds what fusion took the kernel's time for
  /// @param nanosecondsSaved what kernels of single ops would take besides
  /// @param again ops that another kernel computes too
  private record Step(
      String kernel,
      List<String> lines,
      String flops,
      String bytesRead,
      String bytesWritten,
      String bytesSaved,
      long nanoseconds,
      long nanosecondsSaved,
      List<String> again) {}

  /// @param sharing the buffer whose memory it takes over, or null
  private record Buffer(
      String name, String storage, int first, int last, @Nullable String sharing) {}

  private record Method(String type, String name, int bytes) {}

  /// A stage as text.
  private record Text(String schema, String model, String stage, String text) {}

  @Override
  public Integer call() throws IOException {
    ModelSource source = model.read(answer);
    ModelGraph graph = model.graph(source, compilation.settings());
    if (stage != null) {
      String name = stage;
      String shown = shown(name, source, graph);
      return answer.give(new Text("sinter.stage/1", graph.name(), name, shown), shown);
    }
    CompileOptions options = weights.in(compilation.options(model.file(), answer));
    CompiledModel compiled = new Compiler(options).compile(graph);
    Measurement measured = measure.of(compiled, options, answer);
    String text = text(compiled) + (measured == null ? "" : MeasurementText.of(measured));
    return answer.give(explanation(compiled, measured), text);
  }

  /// The text of a stage: of all entries, for a pass.
  private String shown(String name, ModelSource source, ModelGraph graph) throws IOException {
    if (!Compiler.stages().contains(name)) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(),
          "no stage is called %s; there are %s"
              .formatted(name, String.join(", ", Compiler.stages())));
    }
    List<String> texts = new ArrayList<>();
    Compiler compiler =
        new Compiler(
            compilation.options(model.file(), answer),
            (made, content) -> {
              if (made.equals(name)) {
                texts.add(content.get());
              }
            });
    source.show(compiler);
    compiler.compile(graph);
    return texts.isEmpty() ? name + " changes nothing\n" : String.join("\n", texts);
  }

  private static Explanation explanation(CompiledModel compiled, @Nullable Measurement measured) {
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
        ptx(compiled),
        report.methods().stream().map(m -> new Method(m.className(), m.name(), m.bytes())).toList(),
        measured);
  }

  private static List<Ptx> ptx(CompiledModel compiled) {
    Map<String, String> refused = compiled.gpu().refused();
    return compiled.report().kernels().stream()
        .map(kernel -> new Ptx(kernel.name(), refused.get(kernel.name())))
        .toList();
  }

  private static Step step(Report.Launch launch, Report report) {
    return new Step(
        report.kernels().get(launch.kernel()).name(),
        launch.lines(),
        launch.cost().flops().toString(),
        launch.cost().bytesRead().toString(),
        launch.cost().bytesWritten().toString(),
        launch.fusion().bytesSaved().toString(),
        Math.round(launch.fusion().nanoseconds()),
        Math.round(launch.fusion().nanosecondsSaved()),
        launch.fusion().again());
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
    out.append("\nmethods of the kernels\n\n");
    TextTable methods = new TextTable("class", "method", "bytecode");
    List<MethodSizes.Method> shown = new ArrayList<>();
    report.kernels().forEach(kernel -> shown.addAll(kernel.methods()));
    shown.addAll(report.common());
    for (MethodSizes.Method method : shown) {
      String type = method.className().substring(method.className().lastIndexOf('.') + 1);
      methods.row(type, method.name(), Integer.toString(method.bytes()));
    }
    out.append(methods.text());
    out.append("\nPTX\n\n");
    TextTable forms = new TextTable("kernel", "form");
    for (Ptx form : ptx(compiled)) {
      forms.row(form.kernel(), form.reason() == null ? "yes" : "none: " + form.reason());
    }
    out.append(forms.text());
    for (Report.Entry entry : report.entries()) {
      out.append("\nsteps of ").append(entry.name()).append("\n\n");
      TextTable steps =
          new TextTable(
              "step",
              "kernel",
              "flops",
              "bytes read",
              "bytes written",
              "saved by fusion",
              "ns, about",
              "ns saved",
              "computed again");
      for (Report.Launch launch : entry.launches()) {
        Step step = step(launch, report);
        steps.row(
            step.lines().stream()
                .map(line -> line.substring(line.lastIndexOf('/') + 1))
                .collect(Collectors.joining(" ")),
            step.kernel(),
            step.flops(),
            step.bytesRead(),
            step.bytesWritten(),
            step.bytesSaved(),
            Long.toString(step.nanoseconds()),
            Long.toString(step.nanosecondsSaved()),
            String.join(" ", step.again()));
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
