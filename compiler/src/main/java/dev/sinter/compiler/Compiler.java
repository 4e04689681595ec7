package dev.sinter.compiler;

import dev.sinter.codegen.jar.InMemoryCompiler;
import dev.sinter.codegen.jar.MethodSizes;
import dev.sinter.codegen.jar.ModelDescription;
import dev.sinter.codegen.jar.ModelJar;
import dev.sinter.codegen.java.GeneratedNames;
import dev.sinter.codegen.java.ProgramEmitter;
import dev.sinter.codegen.java.SourceFile;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.program.ProgramPrinter;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.ir.text.GraphPrinter;
import dev.sinter.passes.Passes;
import dev.sinter.passes.cpu.Schedules;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The whole line, a method a stretch of it: text, graph, programs, sources, classes, JAR.
public final class Compiler {
  private final CompileOptions options;
  private final Dump dump;

  /// A compiler for one compilation.
  public Compiler(CompileOptions options) {
    this.options = options;
    this.dump = new Dump(options.dumpDir());
  }

  /// What the caller chose.
  public CompileOptions options() {
    return options;
  }

  /// From the graph to classes in memory.
  ///
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException when the model breaks a contract of its
  ///   own, or a gradient goes through what has none
  public CompiledModel compile(ModelGraph model) {
    dump.stage("graph", GraphPrinter.print(model));
    CheckGradients.of(model);
    ProgramSet programs = Passes.lower(model, Schedules::lower, dump);
    dump.stage("programs", text(programs));
    CompiledModel compiled = emit(programs);
    HoldLimits.memory(compiled);
    return compiled;
  }

  private CompiledModel emit(ProgramSet programs) {
    GeneratedNames names = GeneratedNames.of(programs);
    ProgramEmitter emitter = new ProgramEmitter(programs, names);
    List<SourceFile> sources = emitter.emit();
    sources.forEach(source -> dump.file("sources/" + source.path(), source.text()));
    SortedMap<String, byte[]> classes = new InMemoryCompiler().compile(sources);
    MethodSizes sizes = MethodSizes.of(classes);
    sizes.check();
    String description = ModelDescription.of(programs, emitter.spec(), names);
    return new CompiledModel(
        programs,
        emitter.spec(),
        new ModelJar(names, description, sources, classes),
        Report.of(programs, names, emitter.plans(), sizes));
  }

  /// The programs and kernels as text.
  public static String text(ProgramSet programs) {
    String kernels =
        programs.kernels().stream()
            .map(kernel -> dev.sinter.ir.kernel.TileKernelPrinter.print(kernel.tile()))
            .collect(Collectors.joining("\n"));
    String entries =
        Stream.concat(programs.load().stream(), programs.entries().stream())
            .map(entry -> ProgramPrinter.print(entry, k -> programs.kernels().get(k).tile().name()))
            .collect(Collectors.joining("\n"));
    return entries + "\n" + kernels;
  }
}
