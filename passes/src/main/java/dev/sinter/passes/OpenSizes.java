package dev.sinter.passes;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Makes the sizes of what runs at load parameters, so that what is done to many weights is one
/// kernel: each runs once, and most of that time in the interpreter if it is the only one of its
/// kind.
///
/// Before: `mul(c[64, 256], scale[64])` and `mul(c[512, 2048], scale[512])`. After: both are
/// launches of `mul(c[n0, n1], scale[n0])`.
///
/// Kernels that reduce are left alone: what a sum can be made of depends on its sizes.
final class OpenSizes {
  /// Loops up to this many turns may be unrolled, which takes a number.
  private static final long SMALL = 16;

  private final TileKernel kernel;
  private final Set<String> open = new HashSet<>();

  /// By which axes each dim of each buffer is read and written.
  private final Map<Place, Set<String>> users = new HashMap<>();

  private record Place(int buffer, int dim) {}

  private OpenSizes(TileKernel kernel) {
    this.kernel = kernel;
  }

  /// The program, whose sizes are all constant, on kernels that take them.
  ///
  /// @param kernels what the launches of `program` name
  /// @param table gets the kernels of the result
  static Program of(Program program, List<TileKernel> kernels, KernelTable table) {
    List<Step> steps = new ArrayList<>();
    for (Step step : program.steps()) {
      steps.add(
          step instanceof Step.Launch launch
              ? new OpenSizes(kernels.get(launch.kernel())).launch(launch, table)
              : step);
    }
    return new Program(program.name(), program.dims(), program.buffers(), steps, program.facts());
  }

  private Step.Launch launch(Step.Launch launch, KernelTable table) {
    find();
    Map<String, Dim> sizes = new HashMap<>();
    Map<String, Dim> values = new HashMap<>();
    List<Axis> axes = new ArrayList<>();
    for (Axis axis : kernel.axes()) {
      if (!open.contains(axis.symbol())) {
        axes.add(axis);
        continue;
      }
      String name = "n" + sizes.size();
      sizes.put(axis.symbol(), Dim.symbol(name));
      values.put(name, axis.extent());
      axes.add(new Axis(axis.symbol(), Dim.symbol(name)));
    }
    List<TileKernel.Buffer> buffers = new ArrayList<>();
    for (int b = 0; b < kernel.buffers().size(); b++) {
      TileKernel.Buffer buffer = kernel.buffers().get(b);
      List<Dim> shape = new ArrayList<>(buffer.type().shape());
      for (int d = 0; d < shape.size(); d++) {
        for (String user : users.getOrDefault(new Place(b, d), Set.of())) {
          shape.set(d, sizes.getOrDefault(user, shape.get(d)));
        }
      }
      buffers.add(
          new TileKernel.Buffer(buffer.name(), buffer.type().withShape(shape), buffer.layout()));
    }
    Step.Launch use =
        table.relaunch(
            launch, new TileKernel(kernel.name(), buffers, axes, kernel.body(), kernel.stores()));
    return new Step.Launch(
        use.kernel(),
        use.buffers(),
        use.sizes().stream().map(size -> size.substitute(values)).toList(),
        use.spans(),
        use.fusion());
  }

  /// Finds the axes whose extents may be anything: those that stand alone where they stand, each
  /// for a whole dim of a buffer that no other reads or writes by.
  private void find() {
    Map<String, Dim> extents = new HashMap<>();
    for (Axis axis : kernel.axes()) {
      extents.put(axis.symbol(), axis.extent());
      if (axis.extent().isConstant() && axis.extent().constant() > SMALL) {
        open.add(axis.symbol());
      }
    }
    for (Definition definition : kernel.body()) {
      switch (definition) {
        case Definition.Load load -> use(load.buffer(), load.at(), extents);
        case Definition.IndexValue index -> open.removeAll(index.expr().symbols());
        case Definition.Reduce _ -> open.clear();
        case Definition.Constant _, Definition.Apply _, Definition.Cast _ -> {}
      }
    }
    kernel.stores().forEach(store -> use(store.buffer(), store.at(), extents));
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Set<String> together : users.values()) {
        if (together.size() > 1 || !open.containsAll(together)) {
          changed |= open.removeAll(together);
        }
      }
    }
  }

  private void use(int buffer, List<TileIndex> at, Map<String, Dim> extents) {
    List<Dim> shape = kernel.buffers().get(buffer).type().shape();
    for (int d = 0; d < at.size(); d++) {
      Set<String> by = users.computeIfAbsent(new Place(buffer, d), _ -> new HashSet<>());
      if (!(at.get(d) instanceof TileIndex.At(Dim expr))) {
        // Something that is no axis.
        by.add("");
        continue;
      }
      String alone = expr.symbolName();
      if (alone != null && Objects.equals(extents.get(alone), shape.get(d))) {
        by.add(alone);
      } else {
        by.add("");
        open.removeAll(expr.symbols());
      }
    }
  }
}
