package dev.sinter.compiler;

import dev.sinter.codegen.jar.InMemoryCompiler;
import dev.sinter.codegen.jar.MethodSizes;
import dev.sinter.codegen.jar.ModelDescription;
import dev.sinter.codegen.jar.ModelJar;
import dev.sinter.codegen.java.GeneratedNames;
import dev.sinter.codegen.java.ProgramEmitter;
import dev.sinter.codegen.java.SourceFile;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernelPrinter;
import dev.sinter.ir.kernel.ThreadKernelPrinter;
import dev.sinter.ir.kernel.TileKernelPrinter;
import dev.sinter.ir.program.CpuKernel;
import dev.sinter.ir.program.ProgramPrinter;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.ir.text.GraphPrinter;
import dev.sinter.passes.Passes;
import dev.sinter.passes.cpu.Schedules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The whole line, a method a stretch of it: text, graph, programs, sources, classes, JAR.
public final class Compiler {
  private final CompileOptions options;
  private final Dump dump;

  /// A compiler for one compilation.
  public Compiler(CompileOptions options) {
    this(options, StageObserver.NONE);
  }

  /// A compiler for one compilation, and who hears of its stages.
  public Compiler(CompileOptions options, StageObserver observer) {
    this.options = options;
    this.dump = new Dump(options.dumpDir(), observer);
  }

  /// The names of all stages, in their order; passes stand for themselves.
  public static List<String> stages() {
    List<String> names = new ArrayList<>(List.of("source", "formatted", "graph"));
    names.addAll(Passes.names());
    names.addAll(List.of("fused", "programs", "tiles", "loops", "threads", "ptx", "java"));
    return names;
  }

  /// Says what the model was before it came here, as stages `source` and `formatted`.
  public void read(String source, Supplier<String> formatted) {
    dump.stage("source", () -> source);
    dump.stage("formatted", formatted);
  }

  /// What the caller chose.
  public CompileOptions options() {
    return options;
  }

  /// From the graph to classes in memory.
  ///
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException when the model breaks a contract of its
  ///   own, or a gradient goes through what has none
  public CompiledModel compile(ModelGraph graph) {
    ModelGraph model = HoldTurns.in(graph, options.mostTurns());
    dump.stage("graph", () -> GraphPrinter.print(model));
    CheckGradients.of(model);
    ProgramSet programs =
        Passes.lower(
            model, Schedules::lower, options.schedules(), options.math(), options.storage(), dump);
    dump.stage("programs", () -> programs(programs));
    dump.stage("tiles", () -> kernels(programs, k -> TileKernelPrinter.print(k.tile())));
    dump.stage("loops", () -> kernels(programs, Compiler::loops));
    CompiledModel compiled = compile(programs);
    HoldLimits.memory(compiled);
    return compiled;
  }

  /// From programs to classes in memory.
  public CompiledModel compile(ProgramSet programs) {
    GeneratedNames names = GeneratedNames.of(programs);
    ProgramEmitter emitter = new ProgramEmitter(programs, names);
    List<SourceFile> sources = emitter.emit();
    dump.stage("threads", () -> threads(GpuKernels.of(programs, names)));
    dump.stage("ptx", () -> GpuKernels.of(programs, names).module().text());
    dump.stage(
        "java", () -> sources.stream().map(SourceFile::text).collect(Collectors.joining("\n")));
    sources.forEach(source -> dump.file("sources/" + source.path(), source.text()));
    Optional<String> ptx =
        options.ptx()
            ? Optional.of(GpuKernels.of(programs, names).module().text())
            : Optional.empty();
    ptx.ifPresent(text -> dump.file("kernels.ptx", text));
    SortedMap<String, byte[]> classes = new InMemoryCompiler().compile(sources);
    MethodSizes sizes = MethodSizes.of(classes);
    sizes.check();
    String description = ModelDescription.of(programs, emitter.spec(), names);
    return new CompiledModel(
        programs,
        emitter.spec(),
        new ModelJar(names, description, sources, classes, ptx),
        Report.of(programs, names, emitter.plans(), sizes));
  }

  /// The steps and the memory plan of each program.
  private static String programs(ProgramSet set) {
    return Stream.concat(set.load().stream(), set.entries().stream())
        .map(entry -> ProgramPrinter.print(entry, k -> set.kernels().get(k).tile().name()))
        .collect(Collectors.joining("\n"));
  }

  private static String kernels(ProgramSet set, Function<CpuKernel, String> text) {
    return set.kernels().stream().map(text).collect(Collectors.joining("\n"));
  }

  /// The loops of a kernel on each tier.
  private static String loops(CpuKernel kernel) {
    StringBuilder text = new StringBuilder();
    for (CpuTier tier : CpuTier.values()) {
      text.append("// tier ").append(tier.text()).append('\n');
      text.append(LoopKernelPrinter.print(kernel.loops(tier)));
    }
    return text.toString();
  }

  private static String threads(GpuKernels kernels) {
    return kernels.threads().stream()
        .map(ThreadKernelPrinter::print)
        .collect(Collectors.joining("\n"));
  }
}
