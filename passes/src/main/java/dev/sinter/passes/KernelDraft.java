package dev.sinter.passes;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Prover;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.ir.program.Program;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/// A kernel while it is made: its axes, buffers, definitions and stores so far. What is defined
/// twice is one definition.
final class KernelDraft {
  private final IntFunction<Program.Buffer> program;
  private final AxisNames fresh = new AxisNames();
  private final Map<String, Dim> axes = new LinkedHashMap<>();
  private final Map<List<Axis>, Prover> provers = new HashMap<>();
  private final Map<Integer, Integer> slots = new LinkedHashMap<>();
  private final Map<Definition, Integer> body = new LinkedHashMap<>();
  private final List<Set<String>> dependences = new ArrayList<>();
  private final Set<Integer> reduced = new HashSet<>();
  private final List<TileKernel.Store> stores = new ArrayList<>();

  /// @param program the program's buffers
  KernelDraft(IntFunction<Program.Buffer> program) {
    this.program = program;
  }

  /// Names for axes that the kernel does not have yet.
  AxisNames fresh() {
    return fresh;
  }

  /// The index of a new axis.
  Dim newAxis(Dim extent) {
    Axis axis = fresh.axis(extent);
    axes.put(axis.symbol(), extent);
    return axis.index();
  }

  /// An index over a tensor of this shape: axes of the right extents, in order, where the kernel
  /// has them, else new ones.
  List<Dim> index(List<Dim> shape) {
    List<Dim> at = new ArrayList<>();
    List<String> free = new ArrayList<>(axes.keySet());
    for (Dim extent : shape) {
      if (extent.is(1)) {
        at.add(Dim.ZERO);
        continue;
      }
      int next = 0;
      while (next < free.size() && !extent.equals(extent(free.get(next)))) {
        next++;
      }
      if (next < free.size()) {
        at.add(Dim.symbol(free.get(next)));
        free.subList(0, next + 1).clear();
      } else {
        at.add(newAxis(extent));
      }
    }
    return at;
  }

  /// Whether `at` is an index over a tensor of this shape: an axis of its own for each extent.
  boolean isIndex(List<Dim> at, List<Dim> shape) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < at.size(); i++) {
      String symbol = at.get(i).symbolName();
      boolean only = shape.get(i).is(1) && at.get(i).is(0);
      if (!only && (symbol == null || !shape.get(i).equals(extent(symbol)) || !seen.add(symbol))) {
        return false;
      }
    }
    return true;
  }

  /// The extent of an axis of the kernel; of another symbol 0, which no axis has.
  private Dim extent(String symbol) {
    return axes.getOrDefault(symbol, Dim.ZERO);
  }

  /// The symbol of an axis to reduce over: one that the kernel has, of the same extent and not
  /// `taken`, else that of `axis`.
  String reducedAxis(Axis axis, Set<String> taken) {
    String name =
        axes.entrySet().stream()
            .filter(e -> e.getValue().equals(axis.extent()) && !taken.contains(e.getKey()))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElse(axis.symbol());
    axes.putIfAbsent(name, axis.extent());
    return name;
  }

  /// The number of a definition.
  int define(Definition definition) {
    Integer before = body.get(definition);
    if (before != null) {
      return before;
    }
    if (definition instanceof Definition.Reduce) {
      reduced.add(body.size());
    }
    body.put(definition, body.size());
    dependences.add(TileKernel.dependences(definition, dependences));
    return body.size() - 1;
  }

  /// The number of a function of definitions. Of a sum's or product's operands the one that a
  /// reduction is part of comes first, whichever way round a model has it, so that more kernels are
  /// alike.
  int apply(ScalarFn fn, List<Integer> args) {
    boolean commutes = fn == ScalarFn.ADD || fn == ScalarFn.MUL;
    boolean swap = commutes && !isReduced(args.get(0)) && isReduced(args.get(1));
    int number = define(new Definition.Apply(fn, swap ? args.reversed() : args));
    if (args.stream().anyMatch(this::isReduced)) {
      reduced.add(number);
    }
    return number;
  }

  private boolean isReduced(int definition) {
    return reduced.contains(definition);
  }

  /// The axes that a definition depends on.
  Set<String> dependences(int definition) {
    return dependences.get(definition);
  }

  /// The definition that loads an element of a buffer of the program.
  int load(int buffer, List<TileIndex> at, Optional<Integer> guard) {
    return define(new Definition.Load(slot(buffer), at, guard));
  }

  /// Stores a definition at a place, or adds it to what is there.
  void store(Source.Place place, List<TileIndex> at, int value, Optional<Reducer> accumulate) {
    List<TileIndex> index = new ArrayList<>();
    place.prefix().forEach(dim -> index.add(new TileIndex.At(dim)));
    index.addAll(at);
    stores.add(new TileKernel.Store(slot(place.buffer()), index, value, accumulate));
  }

  private int slot(int buffer) {
    Integer before = slots.get(buffer);
    if (before != null) {
      return before;
    }
    slots.put(buffer, slots.size());
    return slots.size() - 1;
  }

  /// Whether `0 <= index < size` follows from the extents of the axes so far. That an axis has a
  /// place says that a size is not 0 which data tells, but only to what varies along it.
  boolean isWithin(Dim index, Dim size) {
    List<Axis> all = new ArrayList<>();
    axes.forEach((symbol, extent) -> {
      if (!RuntimeSize.isIn(extent) || index.symbols().contains(symbol)) {
        all.add(new Axis(symbol, extent));
      }
    });
    return provers
        .computeIfAbsent(all, known -> Facts.NONE.over(known).prover())
        .isWithin(index, size);
  }

  /// The kernel, and the program's buffer for each of its own.
  LowerGroup.Lowered finish(String name) {
    List<TileKernel.Buffer> buffers = new ArrayList<>();
    for (int number : slots.keySet()) {
      Program.Buffer buffer = program.apply(number);
      buffers.add(new TileKernel.Buffer(buffer.name(), buffer.type(), buffer.layout()));
    }
    List<Axis> used = new ArrayList<>();
    axes.forEach((symbol, extent) -> used.add(new Axis(symbol, extent)));
    TileKernel kernel = new TileKernel(name, buffers, used, List.copyOf(body.keySet()), stores);
    return new LowerGroup.Lowered(kernel, List.copyOf(slots.keySet()));
  }
}
