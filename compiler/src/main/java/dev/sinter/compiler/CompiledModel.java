package dev.sinter.compiler;

import dev.sinter.codegen.jar.InMemoryClasses;
import dev.sinter.codegen.jar.ModelJar;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.ModelSpec;
import dev.sinter.runtime.Program;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A model that is compiled and in memory: to be run at once, or written as a JAR.
///
/// @param programs what it computes, lowered
/// @param spec what it is to its callers
/// @param jar its sources and classes
/// @param report what was made of it
public record CompiledModel(ProgramSet programs, ModelSpec spec, ModelJar jar, Report report) {
  /// The model's graph.
  public ModelGraph graph() {
    return programs.model();
  }

  /// Its kernels for a GPU, as far as they have a form there.
  public GpuKernels gpu() {
    return GpuKernels.of(programs, jar.names());
  }

  /// The program, loaded in a class loader of its own.
  public Program program() {
    try {
      return new InMemoryClasses(jar.classes())
          .loadClass(jar.names().programName())
          .asSubclass(Program.class)
          .getConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new CompilerBug("codegen", "the program cannot be made: " + e, null, e);
    }
  }

  /// The model with these values of its parameters, ready to run.
  public Model load(Map<String, Tensor> weights) {
    return Model.of(program(), weights);
  }

  /// The model as it begins, ready to run.
  public Model load(long seed) {
    return load(initialWeights(seed));
  }

  /// The parameters that are saved with the model: all that a caller must give a value, in the
  /// order of their declaration.
  public List<ModelGraph.Parameter> saved() {
    Set<String> known = new LinkedHashSet<>();
    spec.parameters().forEach(p -> known.add(p.name()));
    spec.states().forEach(s -> known.add(s.name()));
    return FirstValues.saved(graph(), known);
  }

  /// First values of the parameters that are saved.
  public Map<String, Tensor> initialWeights(long seed) {
    return new Initialize(seed).tensors(saved());
  }

  /// The values of the parameters as the options say: out of a file, initialized where that may
  /// leave them out.
  ///
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException when the file does not fit the model
  public Map<String, Tensor> weights(CompileOptions options) throws IOException {
    return FirstValues.of(graph(), saved(), options);
  }

  /// Writes the JAR, and that of the sources beside it.
  ///
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException when it is larger than the text allows;
  ///   nothing is written then
  public void write(Path file, Map<String, Tensor> weights, CompileOptions options)
      throws IOException {
    jar.write(
        file,
        weights,
        !options.weightsBeside(),
        options.standalone(),
        bytes -> HoldLimits.jar(graph().contracts(), bytes));
    jar.writeSources(ModelJar.sourcesBeside(file), options.standalone());
  }
}
