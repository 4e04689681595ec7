package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Slice;
import dev.sinter.onnx.OpContext;
import java.util.List;
import java.util.Optional;

/// A turn of a recurrent layer in one direction.
///
/// Sources: Hochreiter and Schmidhuber 1997, with the peepholes of Gers et al. 2002; Cho et al.
/// 2014.
final class RecurrentCell {
  /// Which layer.
  enum Kind {
    RNN(1, 1, List.of("Tanh")),
    GRU(3, 1, List.of("Sigmoid", "Tanh")),
    LSTM(4, 2, List.of("Sigmoid", "Tanh", "Tanh"));

    private final int gates;
    private final int states;
    private final List<String> activations;

    Kind(int gates, int states, List<String> activations) {
      this.gates = gates;
      this.states = states;
      this.activations = activations;
    }

    /// How many states a turn hands on.
    int states() {
      return states;
    }
  }

  private final OpContext op;
  private final Kind kind;
  private final List<Value> weights;
  private final Dim hidden;
  private final Optional<Value> bias;
  private final Optional<Value> innerBias;
  private final List<Value> peepholes;
  private final List<Activation> activations;
  private final boolean linearBeforeReset;
  private final boolean coupled;

  /// @param direction which direction's activations it has
  /// @param weights `[gates * hidden, hidden]`
  /// @param bias `[2 * gates * hidden]`: those of the inputs, then those of the state
  /// @param peepholes `[3 * hidden]`
  RecurrentCell(
      OpContext op,
      Kind kind,
      int direction,
      Value weights,
      Optional<Value> bias,
      Optional<Value> peepholes) {
    this.op = op;
    this.kind = kind;
    this.hidden = weights.type().dim(1);
    this.weights =
        kind == Kind.GRU ? List.of(rows(weights, 0, 2), rows(weights, 2, 1)) : List.of(weights);
    this.bias = bias;
    this.linearBeforeReset = kind == Kind.GRU && op.flag("linear_before_reset", false);
    this.innerBias =
        linearBeforeReset ? bias.map(both -> last(both, kind.gates + 2, 1)) : Optional.empty();
    // Parts of weights are cut before the loop.
    this.peepholes =
        peepholes.map(p -> List.of(last(p, 0, 1), last(p, 1, 1), last(p, 2, 1))).orElse(List.of());
    int count = kind.activations.size();
    this.activations =
        Activation.all(op, kind.activations).subList(direction * count, (direction + 1) * count);
    this.coupled = op.flag("input_forget", false);
  }

  /// What is added to the inputs' products before the loop, `[gates * hidden]`.
  Optional<Value> outerBias() {
    return bias.map(both -> {
      Value ofInput = last(both, 0, kind.gates);
      Value ofState = last(both, kind.gates, kind.gates);
      if (linearBeforeReset) {
        Value none = op.fill(both.type().dtype(), 0, List.of(hidden));
        ofState = op.add(new Concat(0), last(ofState, 0, 2), none);
      }
      return op.add(Pointwise.ADD, ofInput, ofState);
    });
  }

  /// The states after a turn, the hidden one first.
  ///
  /// @param inputs the inputs' products, `[batch, gates * hidden]`
  List<Value> next(GraphBuilder b, Value inputs, List<Value> before) {
    return switch (kind) {
      case RNN -> rnn(b, inputs, before.getFirst());
      case GRU -> gru(b, inputs, before.getFirst());
      case LSTM -> lstm(b, inputs, before.get(0), before.get(1));
    };
  }

  private List<Value> rnn(GraphBuilder b, Value inputs, Value h) {
    return List.of(active(b, 0, b.add(Pointwise.ADD, inputs, product(b, h, weights.getFirst()))));
  }

  private List<Value> gru(GraphBuilder b, Value inputs, Value h) {
    Value gates = b.add(Pointwise.ADD, part(b, inputs, 0, 2), product(b, h, weights.get(0)));
    Value open = active(b, 0, gates);
    Value update = part(b, open, 0, 1);
    Value reset = part(b, open, 1, 1);
    Value recurrent;
    if (linearBeforeReset) {
      Value inner = product(b, h, weights.get(1));
      if (innerBias.isPresent()) {
        inner = b.add(Pointwise.ADD, inner, spread(b, innerBias.get(), inner));
      }
      recurrent = b.add(Pointwise.MUL, reset, inner);
    } else {
      recurrent = product(b, b.add(Pointwise.MUL, reset, h), weights.get(1));
    }
    Value proposed = active(b, 1, b.add(Pointwise.ADD, part(b, inputs, 2, 1), recurrent));
    Value rest = b.add(Pointwise.SUB, b.fill(update.type(), 1), update);
    return List.of(
        b.add(
            Pointwise.ADD, b.add(Pointwise.MUL, rest, proposed), b.add(Pointwise.MUL, update, h)));
  }

  private List<Value> lstm(GraphBuilder b, Value inputs, Value h, Value c) {
    Value gates = b.add(Pointwise.ADD, inputs, product(b, h, weights.getFirst()));
    // Without peepholes all three gates open at once, by one function of three times the length.
    Optional<Value> open =
        peepholes.isEmpty() ? Optional.of(active(b, 0, part(b, gates, 0, 3))) : Optional.empty();
    Value input = open.map(all -> part(b, all, 0, 1)).orElseGet(() -> seeing(b, gates, 0, c));
    Value forget =
        coupled
            ? b.add(Pointwise.SUB, b.fill(input.type(), 1), input)
            : open.map(all -> part(b, all, 2, 1)).orElseGet(() -> seeing(b, gates, 2, c));
    Value proposed = active(b, 1, part(b, gates, 3, 1));
    Value cell =
        b.add(
            Pointwise.ADD, b.add(Pointwise.MUL, forget, c), b.add(Pointwise.MUL, input, proposed));
    Value output = open.map(all -> part(b, all, 1, 1)).orElseGet(() -> seeing(b, gates, 1, cell));
    return List.of(b.add(Pointwise.MUL, output, activations.get(2).apply(b, cell)), cell);
  }

  /// One of the gates, which also sees the cell.
  private Value seeing(GraphBuilder b, Value gates, int which, Value cell) {
    Value factors = spread(b, peepholes.get(which), cell);
    Value seen = b.add(Pointwise.MUL, factors, cell);
    return active(b, 0, b.add(Pointwise.ADD, part(b, gates, which, 1), seen));
  }

  /// The activation with that number of what may be clipped first.
  private Value active(GraphBuilder b, int activation, Value x) {
    Value held = x;
    if (op.hasAttribute("clip")) {
      double most = op.real("clip", 0);
      held = b.add(Pointwise.MIN, held, b.fill(x.type(), most));
      held = b.add(Pointwise.MAX, held, b.fill(x.type(), -most));
    }
    return activations.get(activation).apply(b, held);
  }

  private static Value product(GraphBuilder b, Value state, Value weights) {
    return Contract.of(b, "bh,gh->bg", state, weights);
  }

  private static Value spread(GraphBuilder b, Value row, Value like) {
    return b.add(new Broadcast(List.of(1), like.type().shape()), row);
  }

  /// Some gates' part of the last axis of what has all.
  private Value part(GraphBuilder b, Value all, int first, int count) {
    int axis = all.type().rank() - 1;
    return Slice.of(b, all, axis, hidden.times(first), hidden.times(count));
  }

  private Value last(Value all, int first, int count) {
    return part(op.builder(), all, first, count);
  }

  private Value rows(Value all, int first, int count) {
    return Slice.of(op.builder(), all, 0, hidden.times(first), hidden.times(count));
  }
}
