package dev.sinter.ir;

import dev.sinter.ir.op.Accumulate;
import dev.sinter.ir.op.Comprehension;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The reverse-mode derivative of a tensor given element by element, from the expression of its
/// element: each read of an operand adds to the cotangent of the element read.
///
/// Where the element read tells the point that reads it, as in `x[n, l + k]`, the cotangent is
/// again given element by element ([ReadInverse]); else it is an [Accumulate]. A maximum passes the
/// cotangent in equal parts to the elements that reach it; a product multiplies the others, so that
/// a zero does no harm.
public final class IndexedGradient {
  private final GraphBuilder b;
  private final AxisNames fresh;
  private final Node node;

  /// What the expressions read: the node's operands, then what was added.
  private final List<Value> values;

  private final List<@Nullable Value> cotangents;

  /// The elements of the tensors made of expressions.
  private final Map<Point, Elem> tensors = new HashMap<>();

  /// An expression where guards hold.
  private record Point(Elem elem, List<Elem> guards) {}

  private IndexedGradient(GraphBuilder b, AxisNames fresh, Node node) {
    this.b = b;
    this.fresh = fresh;
    this.node = node;
    this.values = new ArrayList<>(node.operands());
    this.cotangents = new ArrayList<@Nullable Value>();
    node.operands().forEach(operand -> cotangents.add(null));
  }

  /// The cotangents of the operands of `node`, whose op is `op` and whose result's is `dy`.
  public static List<@Nullable Value> of(GraphBuilder b, Node node, Primitive op, Value dy) {
    AxisNames fresh = new AxisNames();
    List<Axis> axes = node.result().type().shape().stream().map(fresh::axis).toList();
    List<Dim> at = axes.stream().map(Axis::index).toList();
    Elem body = op.define(node.operandTypes(), at, fresh);
    IndexedGradient gradient = new IndexedGradient(b, fresh, node);
    Elem cotangent = gradient.reading(dy, Index.of(at));
    if (body instanceof Elem.Reduce reduce) {
      // The value of the outermost reduction is at hand: it is the node's own result.
      gradient.tensors.put(
          new Point(reduce, List.of()), gradient.reading(node.result(), Index.of(at)));
    }
    gradient.visit(body, cotangent, axes, List.of());
    return gradient.cotangents;
  }

  /// The cotangents of the operands of `node`, where `value` at each point of `axes` has the
  /// cotangent `dy[place]`.
  ///
  /// @param conditions where they do not all hold, the point has no part in the result
  /// @param fresh the source of the axes' names
  public static List<@Nullable Value> of(
      GraphBuilder b,
      Node node,
      Value dy,
      List<Index> place,
      List<Axis> axes,
      List<Elem> conditions,
      Elem value,
      AxisNames fresh) {
    IndexedGradient gradient = new IndexedGradient(b, fresh, node);
    gradient.visit(value, gradient.reading(dy, place), axes, conditions);
    return gradient.cotangents;
  }

  private Elem reading(Value value, List<Index> at) {
    values.add(value);
    return new Elem.Read(values.size() - 1, at);
  }

  private List<TensorType> types() {
    return values.stream().map(Value::type).toList();
  }

  /// Adds what `elem`, whose cotangent is `w` at each point of `scope` where `guards` hold, gives
  /// to the operands that it reads.
  private void visit(Elem elem, Elem w, List<Axis> scope, List<Elem> guards) {
    DType t = elem.dtype(types());
    if (!t.isFloat()) {
      return;
    }
    switch (elem) {
      case Elem.Read(int operand, List<Index> at) -> contribute(operand, at, w, scope, guards);
      case Elem.Literal literal -> {}
      case Elem.IndexValue index -> {}
      case Elem.Cast(DType dtype, Elem arg) -> {
        DType from = arg.dtype(types());
        if (from.isFloat()) {
          visit(arg, new Elem.Cast(from, w), scope, guards);
        }
      }
      case Elem.Call(ScalarFn fn, List<Elem> args) when fn == ScalarFn.SELECT -> {
        Elem chosen = hoisted(args.get(0), scope, guards);
        visit(args.get(1), w, scope, and(guards, chosen));
        visit(args.get(2), w, scope, and(guards, Elem.call(ScalarFn.NOT, chosen)));
      }
      case Elem.Call(ScalarFn fn, List<Elem> args) -> {
        List<@Nullable Elem> partials = ScalarGradient.partials(fn, args, elem, t);
        for (int i = 0; i < args.size(); i++) {
          Elem partial = partials.get(i);
          if (partial != null) {
            Elem slope = hoisted(partial, scope, guards);
            visit(args.get(i), ScalarGradient.times(w, slope), scope, guards);
          }
        }
      }
      case Elem.Reduce reduce -> visitReduce(reduce, w, scope, guards);
    }
  }

  private void visitReduce(Elem.Reduce reduce, Elem w, List<Axis> scope, List<Elem> guards) {
    List<Axis> inner = new ArrayList<>(scope);
    inner.addAll(reduce.axes());
    Elem body = reduce.body();
    DType t = body.dtype(types());
    switch (reduce.reducer()) {
      case SUM -> visit(body, w, inner, guards);
      case MAX, MIN -> {
        Elem hit = Elem.call(ScalarFn.EQ, body, materialize(reduce, scope, guards));
        Elem one = Elem.select(List.of(hit), Elem.literal(t, 1.0), Elem.literal(t, 0.0));
        Elem hits =
            new Elem.Reduce(Reducer.SUM, t.compute(), reduce.axes(), one).renamed(fresh, Map.of());
        Elem share = Elem.call(ScalarFn.DIV, w, materialize(hits, scope, guards));
        visit(body, share, inner, and(guards, hoisted(hit, inner, guards)));
      }
      case PRODUCT -> visit(body, ScalarGradient.times(w, others(reduce)), inner, guards);
      case ANY, ALL -> {}
    }
  }

  /// The product of all elements but that at the axes' own point.
  private Elem others(Elem.Reduce reduce) {
    List<Axis> axes = reduce.axes().stream().map(a -> fresh.axis(a.extent())).toList();
    Map<String, Dim> bindings = new LinkedHashMap<>();
    List<Elem> differences = new ArrayList<>();
    for (int i = 0; i < axes.size(); i++) {
      Axis own = reduce.axes().get(i);
      bindings.put(own.symbol(), axes.get(i).index());
      differences.add(
          Elem.call(
              ScalarFn.NE,
              new Elem.IndexValue(DType.I64, own.index()),
              new Elem.IndexValue(DType.I64, axes.get(i).index())));
    }
    Elem different =
        differences.stream().reduce((p, q) -> Elem.call(ScalarFn.OR, p, q)).orElseThrow();
    Elem body = reduce.body().renamed(fresh, bindings);
    Elem one = Elem.literal(body.dtype(types()), 1.0);
    return new Elem.Reduce(
        Reducer.PRODUCT, reduce.accumulator(), axes, Elem.select(List.of(different), body, one));
  }

  /// `elem` with each reduction in it as an element of a tensor of its own, so that no reduction is
  /// computed again for each point of another.
  private Elem hoisted(Elem elem, List<Axis> scope, List<Elem> guards) {
    return switch (elem) {
      case Elem.Reduce reduce -> materialize(reduce, scope, guards);
      case Elem.Call(ScalarFn fn, List<Elem> args) ->
          new Elem.Call(fn, args.stream().map(a -> hoisted(a, scope, guards)).toList());
      case Elem.Cast(DType dtype, Elem arg) -> new Elem.Cast(dtype, hoisted(arg, scope, guards));
      case Elem.Read read -> read;
      case Elem.Literal literal -> literal;
      case Elem.IndexValue index -> index;
    };
  }

  /// Makes a tensor of `elem` at all points of `scope` and answers its element.
  private Elem materialize(Elem elem, List<Axis> scope, List<Elem> guards) {
    Point point = new Point(elem, guards);
    Elem known = tensors.get(point);
    if (known != null) {
      return known;
    }
    Elem zero = Elem.literal(elem.dtype(types()), 0.0);
    List<Dim> at = scope.stream().map(Axis::index).toList();
    Elem made = reading(comprehension(scope, guarded(guards, elem, zero)), Index.of(at));
    tensors.put(point, made);
    return made;
  }

  /// `elem` where all guards hold, each evaluated only where those before it hold.
  private static Elem guarded(List<Elem> guards, Elem elem, Elem otherwise) {
    Elem out = elem;
    for (Elem guard : guards.reversed()) {
      out = Elem.call(ScalarFn.SELECT, guard, out, otherwise);
    }
    return out;
  }

  private static List<Elem> and(List<Elem> guards, Elem guard) {
    List<Elem> all = new ArrayList<>(guards);
    all.add(guard);
    return all;
  }

  private void contribute(
      int operand, List<Index> at, Elem w, List<Axis> scope, List<Elem> guards) {
    if (operand >= node.operands().size()) {
      throw new IllegalStateException("a read of a value that the node does not have");
    }
    TensorType target = node.operand(operand).type();
    ReadInverse inverse = ReadInverse.of(at, target, scope, fresh);
    Elem zero = Elem.literal(target.dtype(), 0.0);
    Value part;
    if (inverse.isComplete()) {
      List<Elem> conditions = new ArrayList<>(inverse.conditions());
      guards.forEach(g -> conditions.add(g.substitute(inverse.solved())));
      Elem body = guarded(conditions, w.substitute(inverse.solved()), zero);
      part =
          comprehension(
              inverse.axes(),
              inverse.free().isEmpty()
                  ? body
                  : new Elem.Reduce(Reducer.SUM, target.dtype().compute(), inverse.free(), body));
    } else {
      List<Elem> places = new ArrayList<>();
      Elem nowhere = Elem.literal(DType.I64, -1L);
      for (Index index : at) {
        places.add(
            switch (index) {
              case Index.At(Dim expr) -> new Elem.IndexValue(DType.I64, expr);
              case Index.Computed(Elem value) ->
                  guarded(guards, new Elem.Cast(DType.I64, value), nowhere);
            });
      }
      part =
          pruned(
              List.of(places, List.of(guarded(guards, w, zero))),
              elems ->
                  new Accumulate(
                      Reducer.SUM, scope, target.shape(), elems.get(0), elems.get(1).getFirst()));
    }
    Value before = cotangents.get(operand);
    cotangents.set(operand, before == null ? part : b.add(Pointwise.ADD, before, part));
  }

  private Value comprehension(List<Axis> axes, Elem body) {
    for (Axis axis : axes) {
      if (axis.extent().symbols().stream().anyMatch(s -> s.startsWith("%"))) {
        throw new OpException(
            "index notation in which one index bounds another has no derivative: " + axis);
      }
    }
    return pruned(
        List.of(List.of(body)), elems -> new Comprehension(axes, elems.getFirst().getFirst()));
  }

  /// An op made of expressions over [#values].
  private interface Made {
    Primitive of(List<List<Elem>> elems);
  }

  /// Adds the op on those values only that its expressions read.
  private Value pruned(List<List<Elem>> elems, Made made) {
    Map<Integer, Integer> numbers = new LinkedHashMap<>();
    List<List<Elem>> renumbered =
        elems.stream()
            .map(list ->
                list.stream()
                    .map(e -> e.renumbered(n -> numbers.computeIfAbsent(n, k -> numbers.size())))
                    .toList())
            .toList();
    List<Value> operands = numbers.keySet().stream().map(values::get).toList();
    return b.add(made.of(renumbered), operands, List.of(), "").result();
  }
}
