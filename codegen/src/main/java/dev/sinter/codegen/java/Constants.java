package dev.sinter.codegen.java;

import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The data of a model's own, each once in each layout. Their blocks of packed memory come after
/// those of the weights.
///
/// @param all in the order of their first use
record Constants(List<Packed> all) {
  /// Data and the layout that kernels read.
  record Packed(Tensor tensor, Layout layout) {
    private boolean sameAs(Tensor other, Layout otherLayout) {
      return layout.equals(otherLayout) && tensor.contentEquals(other);
    }
  }

  /// The constants of all programs of `set`.
  static Constants of(ProgramSet set) {
    List<Packed> all = new ArrayList<>();
    List<Program> programs = new ArrayList<>(set.entries());
    set.load().ifPresent(programs::add);
    for (Program program : programs) {
      for (Program.Buffer buffer : program.buffers()) {
        if (buffer.origin() instanceof Program.Origin.Constant(Tensor tensor)
            && all.stream().noneMatch(c -> c.sameAs(tensor, buffer.layout()))) {
          all.add(new Packed(tensor, buffer.layout()));
        }
      }
    }
    return new Constants(List.copyOf(all));
  }

  /// The number of `tensor` in `layout`.
  int number(Tensor tensor, Layout layout) {
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).sameAs(tensor, layout)) {
        return i;
      }
    }
    throw new IllegalArgumentException("no constant of " + tensor.type());
  }
}
