package dev.sinter.passes;

import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Index;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.Value;
import dev.sinter.ir.kernel.ScalarExpansion;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Constant;
import dev.sinter.ir.op.Fill;
import dev.sinter.ir.op.Interleave;
import dev.sinter.ir.op.Iota;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.UpdateSlice;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What fusion may do with a node.
enum FusionRole {
  /// Costs nothing to compute again: each kernel that needs it has a copy.
  FREE,
  /// Each element of the result is made of few elements of the operands.
  MAP,
  /// Reads few elements of its operands for each of its own, but in arms of a choice: what it reads
  /// is in memory, unless it is a pad, to which its operand may come from registers.
  PLACED_MAP,
  /// A reduction of one operand.
  REDUCTION,
  /// Reads its operands many times: they are in memory, and so is its result, save for what follows
  /// element by element.
  HEAVY,
  /// A kernel of its own.
  ALONE;

  /// The functions of counters that cost nothing beside a load.
  private static final int MOST_COUNTED = 4;

  /// The role of a node that is a pointwise op or a primitive.
  static FusionRole of(Node node) {
    if (!(node.op() instanceof Primitive primitive)) {
      return isCounted(node) ? FREE : MAP;
    }
    return switch (primitive.kind()) {
      case INDEXING ->
          switch (primitive) {
            case Broadcast _, Fill _, Iota _ -> FREE;
            case Constant constant -> constant.tensor().size() == 1 ? FREE : ALONE;
            case Concat _, Pad _ -> PLACED_MAP;
            case UpdateSlice _ -> ALONE;
            case Interleave _ -> HEAVY;
            case Reshape reshape ->
                onlyOnes(node.operand(0).type().shape(), reshape) ? FREE : ALONE;
            default -> MAP;
          };
      case REDUCTION -> primitive instanceof Reduce ? REDUCTION : HEAVY;
      case CONTRACTION, CONVOLUTION, WINDOW, TRANSFORM -> HEAVY;
      case SCATTER -> ALONE;
      case GENERAL -> hasReduction(element(node)) ? HEAVY : PLACED_MAP;
    };
  }

  /// Whether the node may be part of a chain that several kernels compute, each for itself: it
  /// reads few elements, at places that need not be looked up.
  static boolean isChain(Node node) {
    return of(node) == MAP && computedOperands(node).isEmpty();
  }

  /// Whether few simple functions make the node's result out of counters and numbers alone, as a
  /// mask that hides what comes later. Each kernel computes such a thing, for it is read more
  /// slowly, and what is no number of 32 bits keeps a kernel from the lanes of vectors.
  private static boolean isCounted(Node node) {
    List<Node> made = new ArrayList<>();
    return collect(node, made)
        && made.stream().allMatch(FusionCost::isSimple)
        && made.stream().mapToInt(FusionRole::functions).sum() <= MOST_COUNTED;
  }

  /// Collects the pointwise nodes that make a result, [#MOST_COUNTED] at most; false if there are
  /// more, or if anything but counters and numbers is in it.
  private static boolean collect(Node node, List<Node> made) {
    boolean more =
        switch (node.op()) {
          case Iota _, Fill _, Broadcast _ -> true;
          case Constant constant -> constant.tensor().size() == 1;
          case Pointwise _ -> made.add(node) && made.size() <= MOST_COUNTED;
          default -> false;
        };
    return more
        && node.operands().stream()
            .map(Value::definer)
            .allMatch(definer -> definer != null && collect(definer, made));
  }

  /// How many scalar functions make an element of the node's result.
  static int functions(Node node) {
    return functions(element(node));
  }

  private static int functions(Elem element) {
    return switch (element) {
      case Elem.Read _, Elem.Literal _, Elem.IndexValue _ -> 0;
      case Elem.Call call -> 1 + call.args().stream().mapToInt(FusionRole::functions).sum();
      case Elem.Cast cast -> 1 + functions(cast.arg());
      case Elem.Reduce reduce -> functions(reduce.body());
    };
  }

  /// How many functions of vectors of `f32` make an element of the node's result that are many
  /// operations each.
  static int dear(Node node) {
    return dear(element(node));
  }

  private static int dear(Elem element) {
    return switch (element) {
      case Elem.Read _, Elem.Literal _, Elem.IndexValue _ -> 0;
      case Elem.Call(ScalarFn fn, List<Elem> args) ->
          (ScalarExpansion.of(fn).filter(e -> !e.isExact()).isPresent() ? 1 : 0)
              + args.stream().mapToInt(FusionRole::dear).sum();
      case Elem.Cast cast -> dear(cast.arg());
      case Elem.Reduce reduce -> dear(reduce.body());
    };
  }

  /// Whether only axes of one element come or go.
  private static boolean onlyOnes(List<Dim> from, Reshape reshape) {
    return withoutOnes(from).equals(withoutOnes(reshape.shape()));
  }

  private static List<Dim> withoutOnes(List<Dim> shape) {
    return shape.stream().filter(dim -> !dim.is(1)).toList();
  }

  /// The operands that are read at places which only the kernel knows: they must be in memory.
  static Set<Integer> computedOperands(Node node) {
    Set<Integer> out = new HashSet<>();
    if (node.op() instanceof Primitive && !(node.op() instanceof Constant)) {
      collect(element(node), out);
    }
    return out;
  }

  /// What an element of the node's result is; the node is a pointwise op or a primitive.
  static Elem element(Node node) {
    List<Dim> at = new ArrayList<>();
    AxisNames fresh = new AxisNames();
    node.result().type().shape().forEach(extent -> at.add(fresh.axis(extent).index()));
    return node.op() instanceof Pointwise row
        ? row.define(node.operandTypes(), at)
        : ((Primitive) node.op()).define(node.operandTypes(), at, fresh);
  }

  private static void collect(Elem element, Set<Integer> out) {
    switch (element) {
      case Elem.Read(int operand, List<Index> at) -> {
        for (Index index : at) {
          if (index instanceof Index.Computed(Elem value)) {
            out.add(operand);
            collect(value, out);
          }
        }
      }
      case Elem.Literal _, Elem.IndexValue _ -> {}
      case Elem.Call call -> call.args().forEach(arg -> collect(arg, out));
      case Elem.Cast cast -> collect(cast.arg(), out);
      case Elem.Reduce reduce -> collect(reduce.body(), out);
    }
  }

  private static boolean hasReduction(Elem element) {
    return switch (element) {
      case Elem.Reduce _ -> true;
      case Elem.Read _, Elem.Literal _, Elem.IndexValue _ -> false;
      case Elem.Call call -> call.args().stream().anyMatch(FusionRole::hasReduction);
      case Elem.Cast cast -> hasReduction(cast.arg());
    };
  }
}
