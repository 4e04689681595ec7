package dev.sinter.ir.program;

import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.kernel.Layout;
import java.util.List;

/// All that a JAR computes: the programs of a model's entry points and the kernels that they share.
///
/// @param model the model, for its name, parameters and training
/// @param kernels the distinct kernels; equal ones are one
/// @param weights how each weight lies in the packed memory
/// @param entries one program for each entry point
public record ProgramSet(
    ModelGraph model, List<CpuKernel> kernels, List<PackedWeight> weights, List<Program> entries) {
  public ProgramSet {
    kernels = List.copyOf(kernels);
    weights = List.copyOf(weights);
    entries = List.copyOf(entries);
  }

  /// A weight in the layout that its readers want.
  public record PackedWeight(String name, Layout layout) {}
}
