package dev.sinter.passes.cpu;

import dev.sinter.ir.Atom;
import dev.sinter.ir.Dim;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.ScalarExpansion;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.passes.cpu.FlatKernel.Value;
import dev.sinter.passes.cpu.FlatKernel.Write;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Which axes may lie along the lanes of vectors: what varies along one is of 32 bits or bool, is
/// computed by functions that vectors have, and is contiguous in memory.
///
/// @param registers how many vectors the machine holds
record Vectors(FlatKernel kernel, int registers) {
  private static final long FEWEST_REDUCED = 16;

  private static final Set<ScalarFn> OF_FLOATS =
      Set.of(
          ScalarFn.ADD,
          ScalarFn.SUB,
          ScalarFn.MUL,
          ScalarFn.DIV,
          ScalarFn.MAX,
          ScalarFn.MIN,
          ScalarFn.FMA,
          ScalarFn.NEG,
          ScalarFn.ABS,
          ScalarFn.SQRT,
          ScalarFn.EQ,
          ScalarFn.NE,
          ScalarFn.LT,
          ScalarFn.LE,
          ScalarFn.GT,
          ScalarFn.GE,
          ScalarFn.IS_NAN,
          ScalarFn.SELECT);
  private static final Set<ScalarFn> OF_INTEGERS =
      Set.of(
          ScalarFn.ADD,
          ScalarFn.SUB,
          ScalarFn.MUL,
          ScalarFn.NEG,
          ScalarFn.ABS,
          ScalarFn.MAX,
          ScalarFn.MIN,
          ScalarFn.AND,
          ScalarFn.OR,
          ScalarFn.XOR,
          ScalarFn.NOT,
          ScalarFn.SHL,
          ScalarFn.SHR,
          ScalarFn.EQ,
          ScalarFn.NE,
          ScalarFn.LT,
          ScalarFn.LE,
          ScalarFn.GT,
          ScalarFn.GE,
          ScalarFn.SELECT,
          ScalarFn.FLOOR,
          ScalarFn.CEIL,
          ScalarFn.ROUND,
          ScalarFn.TRUNC,
          ScalarFn.THREEFRY);
  private static final Set<ScalarFn> OF_BOOLS =
      Set.of(
          ScalarFn.AND,
          ScalarFn.OR,
          ScalarFn.XOR,
          ScalarFn.NOT,
          ScalarFn.EQ,
          ScalarFn.NE,
          ScalarFn.SELECT);

  /// Whether `axis` may lie along the lanes.
  boolean fit(String axis) {
    for (Value value : kernel.values()) {
      if (value.axes().contains(axis) && !fits(value, axis)) {
        return false;
      }
    }
    for (Write write : kernel.writes()) {
      DType dtype = kernel.source().buffers().get(write.store().buffer()).type().dtype();
      if (write.axes().contains(axis) && (!isWide(dtype) || !isContiguous(write.place(), axis))) {
        return false;
      }
    }
    return true;
  }

  /// Whether `axis`, which a reduction reduces, may lie along the lanes and is long enough for
  /// that: the elements of a small window are added up faster one by one than in a part of a vector
  /// whose lanes have to be joined.
  boolean fitReduced(String axis) {
    Dim extent = kernel.axis(axis).extent();
    return (!extent.isConstant() || extent.constant() >= FEWEST_REDUCED) && fit(axis);
  }

  private boolean fits(Value value, String axis) {
    return switch (value.definition()) {
      case Definition.Load load -> {
        boolean guarded =
            load.guard().isPresent()
                && kernel.values().get(load.guard().get()).axes().contains(axis);
        boolean contiguous =
            kernel.vectors(load.buffer()) > 1
                ? isWithinPanel(value.place(), axis, kernel.vectors(load.buffer()))
                : isContiguous(value.place(), axis);
        yield isWide(value.dtype()) && !guarded && contiguous;
      }
      case Definition.Constant constant -> true;
      case Definition.IndexValue(DType dtype, Dim expr) ->
          isWide(dtype) && expr.coefficient(axis) != null;
      case Definition.Apply apply -> has(apply);
      case Definition.Cast(DType to, int arg) -> converts(kernel.values().get(arg).dtype(), to);
      case Definition.Reduce reduce ->
          reduce.accumulator() == value.dtype()
              && (isWide(value.dtype()) || value.dtype() == DType.BOOL);
    };
  }

  private boolean has(Definition.Apply apply) {
    DType dtype = kernel.values().get(apply.args().getLast()).dtype();
    return switch (dtype) {
      case F32 -> OF_FLOATS.contains(apply.fn()) || ScalarExpansion.of(apply.fn()).isPresent();
      case I32, U32 -> OF_INTEGERS.contains(apply.fn());
      case BOOL -> OF_BOOLS.contains(apply.fn());
      default -> false;
    };
  }

  private static boolean converts(DType from, DType to) {
    return switch (from) {
      case F32 -> to == DType.F32 || to == DType.I32 || to == DType.BOOL;
      case I32 -> isWide(to) || to == DType.BOOL;
      case U32 -> to == DType.I32 || to == DType.U32 || to == DType.BOOL;
      case BOOL -> isWide(to);
      default -> false;
    };
  }

  /// Whether a type has vectors of its own in memory.
  private static boolean isWide(DType dtype) {
    return dtype == DType.F32 || dtype == DType.I32 || dtype == DType.U32;
  }

  /// Whether steps along `axis` go from one element to the next, at least within a vector.
  boolean isContiguous(Dim place, String axis) {
    for (String symbol : place.symbols()) {
      if (symbol.startsWith("#")
          && kernel.values().get(kernel.computed(symbol).value()).axes().contains(axis)) {
        return false;
      }
    }
    Dim stride = place.coefficient(axis);
    if (stride != null) {
      return stride.is(1) || !FlatKernel.axesOf(place).contains(axis);
    }
    return isWithinPanel(place, axis, 1);
  }

  /// Whether the index of an axis that is cut into panels of `vectors` vectors is `axis` itself, so
  /// that the lanes of a vector, which begins at a multiple of them, are in one panel, each
  /// `vectors` elements behind the one before.
  private static boolean isWithinPanel(Dim place, String axis, int vectors) {
    Set<Dim> panels = new HashSet<>();
    for (int i = 1; i <= vectors; i++) {
      panels.add(Dim.symbol(axis).floorDiv(Dim.symbol(LoopKernel.LANES).times(i)));
    }
    Dim flat = Dim.ZERO;
    for (Dim.Term term : place.terms()) {
      List<Atom> atoms = new ArrayList<>();
      for (Atom atom : term.atoms()) {
        Dim alone = new Dim.Term(1, List.of(atom)).dim();
        if (panels.contains(alone)) {
          atoms.add(new Atom.Symbol("%panel"));
        } else if (!(atom instanceof Atom.Symbol) && alone.symbols().contains(axis)) {
          return false;
        } else {
          atoms.add(atom);
        }
      }
      flat = flat.plus(new Dim.Term(term.coefficient(), atoms).dim());
    }
    Dim step = flat.coefficient(axis);
    return step != null && step.is(vectors);
  }
}
