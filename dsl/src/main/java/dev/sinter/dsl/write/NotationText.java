package dev.sinter.dsl.write;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Index;
import dev.sinter.ir.Node;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Accumulate;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Comprehension;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Index notation: for what is said element by element, and for each op that has no call.
final class NotationText {
  private final BodyWriter body;

  NotationText(BodyWriter body) {
    this.body = body;
  }

  /// Writes the node as a definition of its elements.
  void write(Primitive op, Node node) {
    switch (op) {
      case Comprehension(List<Axis> axes, Elem elem) -> define(node, axes, elem);
      case Accumulate accumulate -> accumulate(node, accumulate);
      default -> {
        AxisNames fresh = new AxisNames();
        List<Axis> axes = node.result().type().shape().stream().map(fresh::axis).toList();
        List<Dim> at = axes.stream().map(Axis::index).toList();
        define(node, axes, op.define(node.operandTypes(), at, fresh));
      }
    }
  }

  /// The operands of a node and the elements of them that are read.
  private final class Reads {
    final List<Value> operands;

    Reads(Node node) {
      operands = new ArrayList<>(node.operands());
    }

    /// Reads of what a number or a tensor is repeated to become reads of itself.
    Elem plain(Elem elem) {
      return switch (elem) {
        case Elem.Read(int operand, List<Index> at) -> {
          List<Index> plain = new ArrayList<>();
          for (Index index : at) {
            plain.add(
                index instanceof Index.Computed(Elem place)
                    ? new Index.Computed(plain(place))
                    : index);
          }
          yield read(operands.get(operand), operand, plain);
        }
        case Elem.Literal literal -> literal;
        case Elem.IndexValue index -> index;
        case Elem.Call(var fn, List<Elem> args) ->
            new Elem.Call(fn, args.stream().map(this::plain).toList());
        case Elem.Cast(DType dtype, Elem arg) -> new Elem.Cast(dtype, plain(arg));
        case Elem.Reduce(Reducer reducer, DType accumulator, List<Axis> axes, Elem inner) ->
            new Elem.Reduce(reducer, accumulator, axes, plain(inner));
      };
    }

    private Elem read(Value value, int operand, List<Index> at) {
      Optional<Elem.Literal> literal = PointwiseText.literal(value);
      if (literal.isPresent()) {
        return literal.get();
      }
      Node definer = value.definer();
      if (definer != null && definer.op() instanceof Broadcast op && Ops.isTail(op)) {
        Value source = definer.operand(0);
        int known = operands.indexOf(source);
        if (known < 0) {
          operands.add(source);
          known = operands.size() - 1;
        }
        return read(source, known, op.axes().stream().map(at::get).toList());
      }
      return new Elem.Read(operand, at);
    }

    List<TensorType> types() {
      return operands.stream().map(Value::type).toList();
    }

    ElemText text(List<Axis> axes, Elem... elems) {
      return new ElemText(i -> body.name(operands.get(i)), types(), body.writing(), axes, elems);
    }
  }

  private void define(Node node, List<Axis> axes, Elem elem) {
    if (axes.isEmpty()) {
      scalar(node, elem);
      return;
    }
    Reads reads = new Reads(node);
    Elem plain = reads.plain(elem);
    ElemText text = reads.text(axes, plain);
    String value = text.piece(plain).text();
    String over = text.axes(axes, plain);
    String name = body.fresh(node.result());
    body.statement(name + "[" + over + "] = " + value);
    body.define(node.result(), Piece.of(name));
  }

  /// A scalar has no axis to write; it is made as a list of one.
  private void scalar(Node node, Elem elem) {
    if (elem instanceof Elem.IndexValue(DType dtype, Dim expr)) {
      String size = body.writing().sizes().piece(expr).text();
      body.give(node, () -> Piece.of(dtype + "(" + size + ")"));
      return;
    }
    Axis one = new Axis("%one", Dim.ONE);
    Reads reads = new Reads(node);
    Elem plain = reads.plain(elem);
    ElemText text = reads.text(List.of(one), plain);
    String value = text.piece(plain).text();
    String over = text.axes(List.of(one), plain);
    String list = body.writing().locals().value("one", "one");
    body.statement(list + "[" + over + "] = " + value);
    body.give(node, () -> Piece.of("reshape(" + list + ", [])"));
  }

  /// Values that say themselves where they go.
  private void accumulate(Node node, Accumulate op) {
    Reads reads = new Reads(node);
    List<Elem> elems = new ArrayList<>();
    elems.add(reads.plain(op.value()));
    op.index().forEach(index -> elems.add(reads.plain(index)));
    Elem[] all = elems.toArray(Elem[]::new);
    ElemText text = reads.text(op.axes(), all);
    List<String> parts = new ArrayList<>();
    for (Elem elem : elems) {
      // A place that is an axis is written as it is.
      parts.add(
          !parts.isEmpty() && elem instanceof Elem.IndexValue(DType dtype, Dim expr)
              ? text.index(expr)
              : text.piece(elem).text());
    }
    String name = body.fresh(node.result());
    body.statement(
        "%s: %s = scatter_%s(%s for %s)"
            .formatted(
                name,
                body.writing().type(node.result().type()),
                ElemText.reducer(op.reducer()),
                String.join(", ", parts),
                text.axes(op.axes(), all)));
    body.define(node.result(), Piece.of(name));
  }
}
