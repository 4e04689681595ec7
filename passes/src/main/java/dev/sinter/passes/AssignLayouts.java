package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Buffer;
import dev.sinter.ir.program.Program.Origin;
import dev.sinter.ir.program.Program.Step;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Decides where the elements of each buffer lie, so that what a kernel reads and writes along the
/// lanes of its vectors is contiguous.
///
/// Products decide, the largest first: the operand that varies along the lanes is cut into panels,
/// and what a convolution reads and writes has its channels last, padded to whole vectors but for
/// what a window moves over; or, where [BatchLanes] pay, its batch. Everything that a kernel walks
/// over in step with such a buffer then follows it, a weight's moments its weight. What crosses the
/// border of an entry stays row-major, and so does memory that is also seen under other sizes.
/// Where a product still finds no axis for its lanes, [ProductCopies] are made.
///
/// Before: `conv(x f32[N, 16, 8, 8], w f32[32, 16, 3, 3], y f32[N, 32, 8, 8])`, all row-major.
/// After: `x` and `y` are dense in the order 0, 2, 3, 1; `w` lies in panels along axis 0, within
/// them in the order 2, 3, 1. Each turn over the launches gives a layout to a buffer that had none,
/// so it ends.
final class AssignLayouts {
  private final List<Program> programs;
  private final List<TileKernel> kernels;
  private final MemoryGroups groups;
  private final Map<Integer, Layout> chosen = new HashMap<>();

  private AssignLayouts(List<Program> programs, List<TileKernel> kernels) {
    this.programs = programs;
    this.kernels = kernels;
    this.groups = MemoryGroups.of(programs);
  }

  /// The programs with layouts, whose kernels go to `table`.
  ///
  /// @param kernels what the launches in `programs` name
  /// @param usual the size that a symbol has in most calls, where that is known
  /// @param halved which weights of products in `f32` are kept in `bf16`, by name
  static List<Program> assign(
      List<Program> programs,
      List<TileKernel> kernels,
      Map<String, Dim> usual,
      Predicate<String> halved,
      KernelTable table) {
    AssignLayouts layouts = new AssignLayouts(programs, kernels);
    layouts.decide(usual);
    layouts.follow();
    layouts.alongLanes();
    layouts.interleave(halved);
    List<Program> out = new ArrayList<>();
    for (int p = 0; p < programs.size(); p++) {
      out.add(layouts.applied(p, table));
    }
    return out;
  }

  /// A wish of a product, and how much work it is.
  private record Wish(int program, int buffer, Layout layout, double work) {}

  private void decide(Map<String, Dim> usual) {
    List<Wish> wishes = new ArrayList<>();
    for (int p = 0; p < programs.size(); p++) {
      int program = p;
      boolean batchLast = BatchLanes.pay(programs.get(p), kernels, usual);
      for (Step.Launch launch : programs.get(p).launches()) {
        Optional<Product> product = Product.of(kernels.get(launch.kernel()));
        if (product.isPresent()) {
          double work = product.get().work();
          var layouts = batchLast ? product.get().batchLast() : product.get().layouts();
          layouts.forEach((slot, layout) -> {
            int buffer = launch.buffers().get(slot);
            int group = groups.of(program, buffer);
            boolean again = groups.isState(group) || product.get().uses(slot) > 1;
            if (groups.isWeight(group) || (again && !product.get().readsRows())) {
              wishes.add(new Wish(program, buffer, layout, work));
            }
          });
        }
      }
    }
    wishes.sort(Comparator.comparingDouble(Wish::work).reversed());
    wishes.forEach(wish -> choose(wish.program(), wish.buffer(), wish.layout()));
  }

  /// Gives a buffer a layout if it may have it and has none; whether it has it now.
  private boolean choose(int program, int buffer, Layout layout) {
    int group = groups.of(program, buffer);
    return groups.mayLie(group, layout) && chosen.putIfAbsent(group, layout) == null;
  }

  /// The layout chosen for a buffer, if there is one.
  private Optional<Layout> layout(int program, int buffer) {
    Layout layout = chosen.get(groups.of(program, buffer));
    int rank = programs.get(program).buffers().get(buffer).shape().size();
    // What lies batch last does so under all its shapes.
    return Optional.ofNullable(layout)
        .map(l -> l.order().size() == rank ? l : Layout.last(0, rank));
  }

  /// Gives the layout of a buffer to those that a kernel walks over in step with it, and where
  /// there are none left, the axis along the lanes to those of other axes.
  private void follow() {
    while (follow(Walk::following) || follow(Walk::lastAlong)) {}
  }

  /// What layout a walk takes from one beside it that has this layout, if any.
  @FunctionalInterface
  private interface Following {
    Optional<Layout> layout(Walk to, Walk from, Layout layout);
  }

  private boolean follow(Following following) {
    boolean changed = false;
    for (int p = 0; p < programs.size(); p++) {
      for (Step.Launch launch : programs.get(p).launches()) {
        changed |= follow(p, launch, following);
      }
    }
    return changed;
  }

  private boolean follow(int program, Step.Launch launch, Following following) {
    boolean changed = false;
    List<Walk> walks = Walk.of(kernels.get(launch.kernel()));
    for (Walk from : walks) {
      Optional<Layout> layout = layout(program, launch.buffers().get(from.buffer()));
      if (layout.isEmpty()) {
        continue;
      }
      for (Walk to : walks) {
        if (from.writes() || to.writes()) {
          changed |=
              following
                  .layout(to, from, layout.get())
                  .filter(l -> choose(program, launch.buffers().get(to.buffer()), l))
                  .isPresent();
        }
      }
    }
    return changed;
  }

  /// Cuts weights into panels along the axis that results have last: filters of single channels,
  /// biases.
  private void alongLanes() {
    for (int p = 0; p < programs.size(); p++) {
      for (Step.Launch launch : programs.get(p).launches()) {
        List<Walk> walks = Walk.of(kernels.get(launch.kernel()));
        for (Walk walk : walks) {
          int group = groups.of(p, launch.buffers().get(walk.buffer()));
          if (groups.isWeight(group) && groups.isFree(group)) {
            lanes(p, launch, walks)
                .flatMap(lane -> walk.panels(lane).stream())
                .findFirst()
                .ifPresent(panels -> chosen.putIfAbsent(group, panels));
          }
        }
      }
    }
  }

  /// Interleaves weights of narrow elements that lie in panels and are read as the right operand of
  /// products only, and by no loop that writes them: those of `i8`, and those in `f32` that are to
  /// be kept in `bf16`.
  private void interleave(Predicate<String> halved) {
    Map<Integer, DType> dtypes = new HashMap<>();
    Set<Integer> other = new HashSet<>();
    for (int p = 0; p < programs.size(); p++) {
      for (Step.Launch launch : programs.get(p).launches()) {
        TileKernel kernel = kernels.get(launch.kernel());
        Optional<Integer> right = Product.of(kernel).map(product -> product.right().buffer());
        for (Walk walk : Walk.of(kernel)) {
          if (walk.writes() || !right.equals(Optional.of(walk.buffer()))) {
            other.add(groups.of(p, launch.buffers().get(walk.buffer())));
          }
        }
      }
      List<Buffer> buffers = programs.get(p).buffers();
      for (int b = 0; b < buffers.size(); b++) {
        dtypes.put(groups.of(p, b), buffers.get(b).dtype());
        if (!isNarrow(buffers.get(b), halved)) {
          other.add(groups.of(p, b));
        }
      }
    }
    chosen.replaceAll((group, layout) ->
        groups.isWeight(group)
                && !other.contains(group)
                && layout instanceof Layout.Panels(int axis, Dim _, var batch, var inner)
                && batch.isEmpty()
            ? Layout.Interleaved.of(Objects.requireNonNull(dtypes.get(group)), axis, inner)
            : layout);
  }

  private static boolean isNarrow(Buffer buffer, Predicate<String> halved) {
    return buffer.origin() instanceof Origin.Weight(String name)
        && (buffer.dtype() == DType.I8
            || (buffer.dtype() == DType.F32
                && halved.test(name)
                && FusionCost.elements(buffer.shape()) >= WeightStorage.FEWEST));
  }

  /// The axes of a kernel that the lanes run along when it writes a buffer with a layout.
  private Stream<String> lanes(int program, Step.Launch launch, List<Walk> walks) {
    return walks.stream()
        .filter(Walk::writes)
        .flatMap(walk ->
            layout(program, launch.buffers().get(walk.buffer()))
                .flatMap(layout -> walk.axis(layout.order().getLast()))
                .stream());
  }

  /// How a kernel walks over a buffer: where along each of the buffer's axes, and its sizes.
  private record Walk(int buffer, List<TileIndex> at, List<Dim> shape, boolean writes) {
    static List<Walk> of(TileKernel kernel) {
      List<Walk> walks = new ArrayList<>();
      for (TileKernel.Store store : kernel.stores()) {
        walks.add(walk(kernel, store.buffer(), store.at(), true));
      }
      for (TileKernel.Definition definition : kernel.body()) {
        if (definition instanceof TileKernel.Definition.Load load) {
          walks.add(walk(kernel, load.buffer(), load.at(), false));
        }
      }
      return walks;
    }

    private static Walk walk(TileKernel kernel, int buffer, List<TileIndex> at, boolean writes) {
      return new Walk(buffer, at, kernel.buffers().get(buffer).type().shape(), writes);
    }

    /// The layout of a walk in step with this one.
    Optional<Layout> following(Walk from, Layout layout) {
      boolean packed =
          layout instanceof Layout.Panels(var axis, var width, var batch, var inner)
              && batch.isEmpty();
      return (packed ? seesTheSameAs(from) : isAlong(from))
          ? Optional.of(layout)
          : Optional.empty();
    }

    /// The layout that has last what lies last in a tensor of more or fewer axes, and padded as
    /// there.
    Optional<Layout> lastAlong(Walk from, Layout layout) {
      if (at.size() == from.at.size()) {
        return Optional.empty();
      }
      Optional<Integer> last = from.axis(layout.order().getLast()).flatMap(this::only);
      return switch (layout) {
        case Layout.Dense _ -> last.map(d -> Layout.last(d, at.size()));
        case Layout.Panels(int axis, Dim width, var batch, var inner) ->
            inner.isEmpty() ? last.map(d -> Layout.padded(d, at.size(), width)) : Optional.empty();
        case Layout.Interleaved _ -> Optional.empty();
      };
    }

    /// Whether both move along the same of their axes, if perhaps by other steps.
    boolean isAlong(Walk other) {
      if (at.size() != other.at.size()) {
        return false;
      }
      for (int d = 0; d < at.size(); d++) {
        boolean same =
            at.get(d) instanceof TileIndex.At(Dim a)
                && other.at.get(d) instanceof TileIndex.At(Dim b)
                && ((a.isConstant() && b.isConstant())
                    || a.symbols().stream()
                        .anyMatch(s -> s.startsWith("%") && b.symbols().contains(s)));
        if (!same) {
          return false;
        }
      }
      return true;
    }

    /// The axis of the kernel that one of the buffer is walked along, if it is one alone.
    Optional<String> axis(int dim) {
      return at.get(dim) instanceof TileIndex.At(Dim expr)
          ? Optional.ofNullable(expr.symbolName())
          : Optional.empty();
    }

    /// Panels along the axis that is walked along `lane`, if it is one.
    Optional<Layout> panels(String lane) {
      return only(lane).map(d -> Layout.panels(d, at.size(), Dim.symbol(LoopKernel.LANES)));
    }

    /// The axis of the buffer that is walked along `lane`, if no other has to do with it.
    private Optional<Integer> only(String lane) {
      int along = -1;
      for (int d = 0; d < at.size(); d++) {
        if (axis(d).equals(Optional.of(lane))) {
          if (along >= 0) {
            return Optional.empty();
          }
          along = d;
        } else if (!(at.get(d) instanceof TileIndex.At(Dim expr))
            || expr.symbols().contains(lane)) {
          return Optional.empty();
        }
      }
      return along < 0 ? Optional.empty() : Optional.of(along);
    }

    /// Whether both see the same elements of buffers of the same sizes.
    boolean seesTheSameAs(Walk other) {
      return at.equals(other.at) && shape.equals(other.shape);
    }
  }

  private Program applied(int p, KernelTable table) {
    Program program = programs.get(p);
    List<Buffer> buffers = new ArrayList<>();
    for (int b = 0; b < program.buffers().size(); b++) {
      Buffer buffer = program.buffers().get(b);
      buffers.add(buffer.in(layout(p, b).orElse(buffer.layout())));
    }
    List<Step> steps = applied(program.steps(), buffers, table);
    return new Program(
        program.name(),
        program.dims(),
        PlanMemory.lifetimes(buffers, steps),
        steps,
        program.facts());
  }

  private List<Step> applied(List<Step> steps, List<Buffer> buffers, KernelTable table) {
    List<Step> out = new ArrayList<>();
    ProductCopies copies = new ProductCopies(buffers, table);
    for (Step step : steps) {
      if (step instanceof Step.Launch launch) {
        var around = copies.around(launch, kernels.get(launch.kernel()));
        out.addAll(around.before());
        out.add(applied(around.launch(), buffers, table));
        out.addAll(around.after());
      } else {
        out.add(step.withBodies(body -> applied(body, buffers, table)));
      }
    }
    return out;
  }

  private Step applied(Step.Launch launch, List<Buffer> buffers, KernelTable table) {
    TileKernel here = KernelTable.instance(kernels.get(launch.kernel()), launch);
    List<TileKernel.Buffer> laid = new ArrayList<>();
    for (int i = 0; i < here.buffers().size(); i++) {
      TileKernel.Buffer buffer = here.buffers().get(i);
      Layout layout = buffers.get(launch.buffers().get(i)).layout();
      laid.add(new TileKernel.Buffer(buffer.name(), buffer.type(), layout));
    }
    return table.relaunch(
        launch, new TileKernel(here.name(), laid, here.axes(), here.body(), here.stores()));
  }
}
