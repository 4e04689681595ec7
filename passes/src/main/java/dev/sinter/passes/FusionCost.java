package dev.sinter.passes;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Node;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.Pad;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/// How long a kernel takes on a CPU, about: nanoseconds of one thread.
///
/// A launch, the bytes that it moves, and the scalar functions that it computes, added up. That is
/// no forecast: caches, layouts and threads are left out. It is enough to choose between two ways
/// to cut a graph, whose difference is a value stored or a chain computed again. The figures are
/// measured; docs/CPU.md says how.
final class FusionCost {
  /// What a step of a program takes besides its work: the release and the join of the workers.
  static final double LAUNCH = 200;

  /// What a size is taken for that is only known when the model runs.
  static final long TYPICAL = 32;

  /// Bytes a nanosecond, for tensors that stay in the caches.
  private static final double CACHE = 76;

  /// Bytes a nanosecond, for larger tensors.
  static final double MEMORY = 16;

  /// The largest tensor that stays in the caches.
  private static final double CACHED = 4 << 20;

  /// The nanoseconds that a function of one element takes within a longer kernel: an addition, a
  /// multiplication, or both in one operation, at the peak of 92 GFLOP/s; a division or a root; an
  /// exponential function.
  static final double SIMPLE = 0.022;

  private static final double DIVISION = 0.18;
  private static final double EXPONENTIAL = 2;

  /// Fewer elements than a vector has take as long as a vector.
  private static final double LANES = 8;

  /// The elements of a register tile, about 16 vectors.
  private static final double TILE = 16 * LANES;

  private FusionCost() {}

  /// How many elements a tensor of this shape has, about.
  static double elements(List<Dim> shape) {
    double elements = 1;
    for (Dim dim : shape) {
      elements *= Math.max(1, dim.evaluate(symbol -> TYPICAL));
    }
    return elements;
  }

  /// How many register tiles a contraction has whose result has this shape.
  static double tiles(List<Dim> shape) {
    return Math.max(1, elements(shape) / TILE);
  }

  /// Writing or reading a value once.
  static double move(Value value) {
    double bytes = elements(value.type().shape()) * value.type().dtype().bits() / 8;
    return bytes / (bytes <= CACHED ? CACHE : MEMORY);
  }

  /// Computing every element of the node's results once.
  static double compute(Node node) {
    double each = functions(FusionRole.element(node));
    return node.results().stream()
        .mapToDouble(r -> each * Math.max(LANES, elements(r.type().shape())))
        .sum();
  }

  /// Whether no function of the node is more than one operation or two.
  static boolean isSimple(Node node) {
    return functions(FusionRole.element(node)) <= FusionRole.functions(node) * SIMPLE;
  }

  /// How much longer a product takes that is stored into a padded picture, by the tiles' speeds:
  /// rows are apart there, so that no tile holds the end of one and the beginning of the next.
  /// Where a window moves they are apart already in what it moves over.
  static double apart(Node node, Pad pad) {
    if (!(node.op() instanceof Conv conv) || !isOfPlaces(conv, node.operand(1).type())) {
      return 0;
    }
    List<Dim> shape = node.result().type().shape();
    int outer = shape.size() - 1;
    while (outer > 2 && !pad.isAlong(outer)) {
      outer--;
    }
    OptionalLong run = OptionalLong.of((long) elements(shape.subList(outer, shape.size())));
    return compute(node) * (rowTime(run) / rowTime(OptionalLong.empty()) - 1);
  }

  /// Whether each place of the result is made of one place, and its neighbour of the next.
  private static boolean isOfPlaces(Conv conv, TensorType filter) {
    return conv.strides().stream().allMatch(s -> s == 1)
        && filter.shape().stream().skip(2).allMatch(d -> d.is(1));
  }

  /// The time of a row of the fastest tile, where there are `rows` of them.
  private static double rowTime(OptionalLong rows) {
    CpuTier tier = CpuTier.REGISTERS_16;
    return tier.time(tier.tile(rows, OptionalLong.empty(), 1, 1), rows, OptionalLong.empty());
  }

  /// The time of one kernel.
  ///
  /// @param outputs what it writes
  static double time(Collection<Node> nodes, Collection<Value> outputs) {
    double time = LAUNCH;
    for (Value read : reads(nodes)) {
      time += move(read);
    }
    for (Value written : outputs) {
      time += move(written);
    }
    for (Node node : nodes) {
      time += compute(node);
    }
    return time;
  }

  /// The values in memory that the nodes read.
  static Set<Value> reads(Collection<Node> nodes) {
    Set<Value> reads = new LinkedHashSet<>();
    nodes.forEach(node -> node.operands().forEach(operand -> read(operand, reads)));
    nodes.forEach(node -> node.results().forEach(reads::remove));
    return reads;
  }

  private static void read(Value value, Set<Value> reads) {
    Node definer = value.definer();
    if (definer != null && FusionRole.of(definer) == FusionRole.FREE) {
      definer.operands().forEach(operand -> read(operand, reads));
    } else {
      reads.add(value);
    }
  }

  /// The nanoseconds that one element's scalar functions take.
  private static double functions(Elem element) {
    return switch (element) {
      case Elem.Read _, Elem.Literal _ -> 0;
      case Elem.IndexValue _ -> SIMPLE;
      case Elem.Call(ScalarFn fn, List<Elem> args) ->
          function(fn) + args.stream().mapToDouble(FusionCost::functions).sum();
      case Elem.Cast cast -> SIMPLE + functions(cast.arg());
      // A product and its sum are one operation.
      case Elem.Reduce reduce -> {
        List<Dim> turns = reduce.axes().stream().map(Axis::extent).toList();
        yield elements(turns) * Math.max(SIMPLE, functions(reduce.body()));
      }
    };
  }

  private static double function(ScalarFn fn) {
    return switch (fn) {
      case ADD, SUB, MUL, FMA, MAX, MIN, NEG, ABS, SIGN, FLOOR, CEIL, ROUND, TRUNC -> SIMPLE;
      case EQ, NE, LT, LE, GT, GE, IS_NAN, AND, OR, XOR, NOT, SHL, SHR, SELECT -> SIMPLE;
      case DIV, REM, SQRT -> DIVISION;
      case EXP, EXPM1, TANH, ERF -> EXPONENTIAL;
      case LOG, LOG1P, THREEFRY -> 2 * EXPONENTIAL;
      case SIN, COS, TAN, ASIN, ACOS, ATAN, ATAN2 -> 4 * EXPONENTIAL;
      case POW -> 50 * EXPONENTIAL;
    };
  }
}
