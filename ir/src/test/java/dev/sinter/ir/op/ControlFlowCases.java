package dev.sinter.ir.op;

import static dev.sinter.ir.op.Nd.get;
import static dev.sinter.ir.op.Nd.random;

import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.List;

/// At least one case for each op with control flow.
final class ControlFlowCases {
  private static final TensorType TURN = TensorType.of(DType.I32, new long[0]);

  private ControlFlowCases() {}

  static List<OpCase> all() {
    return List.of(branch(true), branch(false), recurrence(), sum(), doubling());
  }

  /// `c ? x * sin(y) : y`.
  private static OpCase branch(boolean condition) {
    Tensor x = random(61, 3);
    Tensor y = random(62, 3);
    GraphBuilder then = new GraphBuilder();
    Value p = then.parameter(OpCase.f64(3), "x");
    Value q = then.parameter(OpCase.f64(3), "y");
    Region yes = then.region(List.of(then.add(Pointwise.MUL, p, then.add(Pointwise.SIN, q))));
    GraphBuilder otherwise = new GraphBuilder();
    otherwise.parameter(OpCase.f64(3), "x");
    Value r = otherwise.parameter(OpCase.f64(3), "y");
    Region no = otherwise.region(List.of(r));
    return OpCase.of(
            new If(),
            Nd.of(new long[] {3}, at -> condition ? get(x, at) * Math.sin(get(y, at)) : get(y, at)),
            Tensor.of(new boolean[] {condition}),
            x,
            y)
        .with(yes, no);
  }

  /// `h = tanh(w * h + x_t) + turn`, emitting `h * x_t`; `T` is a symbol.
  private static OpCase recurrence() {
    Tensor start = random(63, 2);
    Tensor xs = random(64, 4, 2);
    Tensor w = random(65, 2);
    Dim steps = Dim.symbol("T");
    TensorType row = OpCase.f64(2);
    GraphBuilder b = new GraphBuilder();
    Value turn = b.parameter(TURN, "turn");
    Value h = b.parameter(row, "h");
    Value x = b.parameter(row, "x");
    Value factor = b.parameter(row, "w");
    Value sum = b.add(Pointwise.ADD, b.add(Pointwise.MUL, factor, h), x);
    Value shift = b.add(new Broadcast(List.of(), row.shape()), b.add(new Cast(DType.F64), turn));
    Value next = b.add(Pointwise.ADD, b.add(Pointwise.TANH, sum), shift);
    Region body = b.region(List.of(next, b.add(Pointwise.MUL, next, x)));
    double[] last = start.toDoubleArray();
    for (int t = 0; t < 4; t++) {
      for (int i = 0; i < 2; i++) {
        last[i] = Math.tanh(get(w, i) * last[i] + get(xs, t, i)) + t;
      }
    }
    return OpCase.of(new Scan(steps, 1, 1), last, start, xs, w)
        .typed(row, TensorType.of(DType.F64, steps, Dim.of(2)), row)
        .with(body);
  }

  /// A scan that carries an integer beside a float and emits nothing.
  private static OpCase sum() {
    Tensor start = random(66, new long[0]);
    Tensor xs = random(67, 3);
    GraphBuilder b = new GraphBuilder();
    b.parameter(TURN, "turn");
    Value s = b.parameter(OpCase.f64(), "s");
    Value count = b.parameter(TURN, "count");
    Value x = b.parameter(OpCase.f64(), "x");
    Value weight = b.add(new Cast(DType.F64), count);
    Value next = b.add(Pointwise.ADD, s, b.add(Pointwise.MUL, weight, b.add(Pointwise.EXP, x)));
    Region body = b.region(List.of(next, b.add(Pointwise.ADD, count, b.fill(TURN, 1))));
    double expected = start.getDouble(0);
    for (int t = 0; t < 3; t++) {
      expected += (t + 1) * Math.exp(get(xs, t));
    }
    return OpCase.of(new Scan(Dim.of(3), 2, 1), new double[] {expected}, start, Nd.scalar(1), xs)
        .with(body);
  }

  /// `while (x < 10) x = x + x`.
  private static OpCase doubling() {
    GraphBuilder test = new GraphBuilder();
    Value p = test.parameter(OpCase.f64(), "x");
    Region condition = test.region(List.of(test.add(Pointwise.LT, p, test.fill(OpCase.f64(), 10))));
    GraphBuilder turn = new GraphBuilder();
    Value x = turn.parameter(OpCase.f64(), "x");
    Region body = turn.region(List.of(turn.add(Pointwise.ADD, x, x)));
    Tensor start = Tensor.of(DType.F64, new double[] {1.5});
    return OpCase.of(new While(1, 100, false), new double[] {12}, start)
        .with(condition, body)
        .withoutDerivative();
  }
}
