package dev.sinter.dsl.write;

import dev.sinter.ir.Composite;
import dev.sinter.ir.ControlFlow;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Extern;
import dev.sinter.ir.Gradient;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Op;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Attention;
import dev.sinter.ir.op.BitCast;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Constant;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.ConvInput;
import dev.sinter.ir.op.Fill;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Which form each op has in the text.
final class Ops {
  private final BodyWriter body;
  private final PointwiseText pointwise;
  private final CallText calls;
  private final NotationText notation;
  private final LoopText loops;

  Ops(BodyWriter body) {
    this.body = body;
    this.pointwise = new PointwiseText(body);
    this.calls = new CallText(body);
    this.notation = new NotationText(body);
    this.loops = new LoopText(body);
  }

  /// Whether an op is written wherever its result is used: numbers, and repetitions that the
  /// language makes itself.
  static boolean isFree(Op op) {
    return switch (op) {
      case Fill fill -> true;
      case Constant constant -> constant.tensor().rank() == 0;
      case Broadcast broadcast -> isTail(broadcast);
      default -> false;
    };
  }

  /// Whether new axes come before all others.
  static boolean isTail(Broadcast op) {
    int skip = op.shape().size() - op.axes().size();
    for (int i = 0; i < op.axes().size(); i++) {
      if (op.axes().get(i) != skip + i) {
        return false;
      }
    }
    return true;
  }

  /// Whether an op is worth a line of its own.
  static boolean isHeavy(Op op) {
    return op instanceof Contract
        || op instanceof Conv
        || op instanceof ConvInput
        || op instanceof Attention;
  }

  /// The full text of a node that is free.
  Optional<Piece> free(Node node) {
    return switch (node.op()) {
      case Fill fill -> Optional.of(PointwiseText.filled(fill, node, body.writing().sizes()));
      case Constant constant when constant.tensor().rank() == 0 ->
          Optional.of(NumberText.cast(PointwiseText.number(constant.tensor())));
      case Broadcast broadcast when isTail(broadcast) ->
          calls.form(node).map(BodyWriter.Maker::make);
      default -> Optional.empty();
    };
  }

  /// Writes a node, some of whose results are used.
  void write(Node node) {
    if (isFree(node.op())) {
      return;
    }
    switch (node.op()) {
      case Constant(Tensor tensor) -> constant(tensor, node);
      case Pointwise row -> body.give(node, () -> pointwise.piece(row, node));
      case Primitive op -> {
        Optional<BodyWriter.Maker> form = calls.form(node);
        if (form.isPresent()) {
          body.give(node, form.get());
        } else {
          notation.write(op, node);
        }
      }
      case Composite op -> {
        Optional<BodyWriter.Maker> form = calls.form(node);
        if (form.isPresent()) {
          body.give(node, form.get());
        } else {
          expanded(op, node);
        }
      }
      case BitCast op -> body.give(node, calls.form(node).orElseThrow());
      case ControlFlow op -> loops.write(op, node);
      case Extern sort -> {
        String operand = body.name(node.operand(0));
        results(node, "sort(" + operand + ")");
      }
      case RuntimeSize(String symbol, Dim bound) -> {
        SizeText sizes = body.writing().sizes();
        String most = sizes.piece(bound).at(Piece.SUM);
        body.statement(
            body.writing().size(symbol) + " <= " + most + " = " + body.name(node.operand(0)));
      }
      case Gradient op -> {
        String of = body.name(node.operand(0));
        for (int i = 0; i < node.results().size(); i++) {
          String by = body.name(node.operand(i + 1));
          body.let(node.result(i), Piece.of("grad(" + of + ", wrt = " + by + ")"));
        }
      }
    }
  }

  /// A statement that takes apart what `text` gives.
  void results(Node node, String text) {
    List<String> names = new ArrayList<>();
    for (Value result : node.results()) {
      names.add(body.fresh(result));
      body.define(result, Piece.of(names.getLast()));
    }
    body.statement(String.join(", ", names) + " = " + text);
  }

  private void constant(Tensor tensor, Node node) {
    Optional<String> parameter = body.writing().constant(tensor);
    if (parameter.isPresent()) {
      body.define(node.result(), Piece.of(parameter.get()));
    } else {
      String text = tensor.size() == 0 ? "zeros()" : NumberText.list(tensor);
      body.give(node, () -> typed(text, node));
    }
  }

  private Piece typed(String text, Node node) {
    return new Piece(text, Piece.POSTFIX, body.writing().type(node.result().type()), 0);
  }

  /// Writes what a composite stands for.
  private void expanded(Composite op, Node node) {
    GraphBuilder b = new GraphBuilder();
    List<Value> params = new ArrayList<>();
    for (Value operand : node.operands()) {
      Value param = b.parameter(operand.type(), operand.name());
      params.add(param);
      body.define(param, Piece.of(body.name(operand)));
    }
    Region region = b.region(op.expand(b, params, node.regions()));
    List<String> names = body.nested(region);
    for (int i = 0; i < node.results().size(); i++) {
      body.define(node.result(i), Piece.of(Objects.requireNonNull(names.get(i))));
    }
  }
}
