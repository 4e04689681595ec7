package dev.sinter.ir.program;

import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.kernel.Layout;
import java.util.List;
import java.util.Optional;

/// All that a JAR computes: the programs of a model's entry points and the kernels that they share.
///
/// @param model the model, for its name, parameters and training
/// @param kernels the distinct kernels; equal ones are one
/// @param weights how each weight lies in the packed memory
/// @param entries one program for each entry point
/// @param load runs once, when the model's weights are loaded, before they are packed: it makes
///   further weights of them, which the entries read as [Program.Origin.Weight] under the names of
///   its outputs. All its sizes are constant, it has launches only, and its buffers are row-major:
///   in which layout a result lies is for [#weights] to say, as of every weight
public record ProgramSet(
    ModelGraph model,
    List<CpuKernel> kernels,
    List<PackedWeight> weights,
    List<Program> entries,
    Optional<Program> load) {
  public ProgramSet {
    kernels = List.copyOf(kernels);
    weights = List.copyOf(weights);
    entries = List.copyOf(entries);
  }

  /// A weight in the layout that its readers want.
  public record PackedWeight(String name, Layout layout) {}
}
