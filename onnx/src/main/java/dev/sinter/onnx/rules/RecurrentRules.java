package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Transpose;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// RNN, GRU and LSTM: what they have in common. All products of inputs and weights stand before the
/// loop, which is left with the recurrent ones.
final class RecurrentRules {
  private static final int X = 0;
  private static final int W = 1;
  private static final int R = 2;
  private static final int B = 3;
  private static final int LENGTHS = 4;
  private static final int FIRST_STATE = 5;

  private final OpContext op;
  private final RecurrentCell.Kind kind;
  private final Value x;
  private final boolean batchFirst;

  private RecurrentRules(OpContext op, RecurrentCell.Kind kind) {
    this.op = op;
    this.kind = kind;
    this.batchFirst = op.flag("layout", false);
    if (op.type(X).rank() != 3 || op.type(W).rank() != 3 || op.type(R).rank() != 3) {
      throw op.fail(
          "has an input %s and weights %s and %s".formatted(op.type(X), op.type(W), op.type(R)));
    }
    this.x = batchFirst ? swapped(op.in(X)) : op.in(X);
  }

  static void addTo(OpRules rules) {
    for (RecurrentCell.Kind kind : RecurrentCell.Kind.values()) {
      rules.add(kind.name(), op -> new RecurrentRules(op, kind).results());
    }
  }

  private List<Operand> results() {
    String direction = op.text("direction", "forward");
    int directions = direction.equals("bidirectional") ? 2 : 1;
    if (!op.type(W).dim(0).is(directions)) {
      throw op.fail("is %s with weights %s".formatted(direction, op.type(W)));
    }
    List<List<Value>> runs = new ArrayList<>();
    for (int i = 0; i < directions; i++) {
      runs.add(run(i, direction.equals("reverse") || i == 1));
    }
    List<Value> out = new ArrayList<>();
    for (int result = 0; result <= kind.states(); result++) {
      int which = result;
      int axis = result == 0 ? 1 : 0;
      Value joined = stacked(runs.stream().map(run -> run.get(which)).toList(), axis);
      if (batchFirst) {
        joined =
            op.add(new Transpose(result == 0 ? List.of(2, 0, 1, 3) : List.of(1, 0, 2)), joined);
      }
      out.add(joined);
    }
    return op.out(out.toArray(Value[]::new));
  }

  /// One direction: the hidden state after each turn, `[turns, batch, hidden]`, then the last
  /// states.
  private List<Value> run(int direction, boolean reverse) {
    Value weights = of(W, direction);
    Value recurrent = of(R, direction);
    Dim hidden = recurrent.type().dim(1);
    Dim batch = x.type().dim(1);
    Value products = Contract.of(op.builder(), "sbi,gi->sbg", x, weights);
    Optional<Value> bias = op.has(B) ? Optional.of(of(B, direction)) : Optional.empty();
    RecurrentCell cell =
        new RecurrentCell(op, kind, direction, recurrent, bias, peepholes(direction));
    Value inputs =
        cell.outerBias()
            .map(b ->
                op.add(
                    Pointwise.ADD,
                    products,
                    op.add(new Broadcast(List.of(2), products.type().shape()), b)))
            .orElse(products);
    List<Value> states = new ArrayList<>();
    for (int i = 0; i < kind.states(); i++) {
      states.add(
          op.has(FIRST_STATE + i)
              ? op.sized(state(FIRST_STATE + i, direction), List.of(batch, hidden))
              : op.fill(x.type().dtype(), 0, List.of(batch, hidden)));
    }
    List<Value> walked = new ArrayList<>();
    walked.add(reverse ? Slice.reversed(op.builder(), inputs, 0) : inputs);
    if (op.has(LENGTHS)) {
      walked.add(running(reverse, List.of(x.type().dim(0), batch, hidden)));
    }
    Node loop =
        Turns.scan(
            op.builder(),
            x.type().dim(0),
            states,
            walked,
            (b, turn, before, now) -> {
              List<Value> next = new ArrayList<>(cell.next(b, now.getFirst(), before));
              Value shown = next.getFirst();
              if (now.size() > 1) {
                Value runs = now.get(1);
                shown = b.add(Pointwise.SELECT, runs, shown, b.fill(shown.type(), 0));
                for (int i = 0; i < next.size(); i++) {
                  next.set(i, b.add(Pointwise.SELECT, runs, next.get(i), before.get(i)));
                }
              }
              next.add(shown);
              return next;
            });
    Value shown = loop.result(kind.states());
    List<Value> out = new ArrayList<>();
    out.add(reverse ? Slice.reversed(op.builder(), shown, 0) : shown);
    out.addAll(loop.results().subList(0, kind.states()));
    return out;
  }

  /// For each turn and example whether the example's sequence has that place, for each state's
  /// element.
  private Value running(boolean reverse, List<Dim> shape) {
    return op.each(
        shape,
        at -> {
          Dim place = reverse ? shape.getFirst().minus(1).minus(at.getFirst()) : at.getFirst();
          return Elem.call(
              ScalarFn.LT,
              new Elem.IndexValue(op.type(LENGTHS).dtype(), place),
              Elem.read(0, List.of(at.get(1))));
        },
        op.in(LENGTHS));
  }

  private Optional<Value> peepholes(int direction) {
    return kind == RecurrentCell.Kind.LSTM && op.has(7)
        ? Optional.of(of(7, direction))
        : Optional.empty();
  }

  /// What an input has for a direction, which its first axis counts.
  private Value of(int input, int direction) {
    return at(op.in(input), direction);
  }

  private Value state(int input, int direction) {
    return at(batchFirst ? swapped(op.in(input)) : op.in(input), direction);
  }

  private Value at(Value value, int place) {
    List<Dim> shape = value.type().shape();
    Value one =
        shape.getFirst().is(1) ? value : Slice.of(op.builder(), value, 0, Dim.of(place), Dim.ONE);
    return op.reshape(one, shape.subList(1, shape.size()));
  }

  private Value swapped(Value value) {
    return op.add(new Transpose(List.of(1, 0, 2)), value);
  }

  private Value stacked(List<Value> values, int axis) {
    List<Value> parts = new ArrayList<>();
    for (Value value : values) {
      List<Dim> shape = new ArrayList<>(value.type().shape());
      shape.add(axis, Dim.ONE);
      parts.add(op.reshape(value, shape));
    }
    return parts.size() == 1
        ? parts.getFirst()
        : op.add(new Concat(axis), parts.toArray(Value[]::new));
  }
}
