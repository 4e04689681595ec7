package dev.sinter.testkit;

import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Attention;
import dev.sinter.ir.op.AttentionGrad;
import dev.sinter.ir.op.Call;
import dev.sinter.ir.op.If;
import dev.sinter.ir.op.Scan;
import dev.sinter.ir.op.While;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Random ops with regions, and attention.
final class RandomBodies {
  private final RandomOps ops;

  RandomBodies(RandomOps ops) {
    this.ops = ops;
  }

  void add(Map<String, Supplier<RandomOps.Candidate>> rows) {
    rows.put("if", this::choice);
    rows.put("scan", this::scan);
    rows.put("while", this::loop);
    rows.put("call", this::call);
    rows.put("attention", () -> attention(false));
    rows.put("attention_grad", () -> attention(true));
  }

  /// A value of the type of `x` made of `x` and `y`, of moderate size.
  private Value mix(GraphBuilder b, Value x, Value y) {
    Pointwise join = ops.oneOf(List.of(Pointwise.ADD, Pointwise.MUL, Pointwise.SUB));
    Pointwise squash = ops.oneOf(List.of(Pointwise.TANH, Pointwise.SIGMOID, Pointwise.SIN));
    return b.add(squash, b.add(join, x, y));
  }

  private Region body(TensorType type) {
    GraphBuilder b = new GraphBuilder();
    Value x = b.parameter(type, "a");
    Value y = b.parameter(type, "b");
    return b.region(List.of(mix(b, x, y)));
  }

  private RandomOps.Candidate choice() {
    Value x = ops.ranked(0);
    Value y = ops.like(x.type());
    Value condition = ops.like(RandomOps.scalar(DType.BOOL));
    List<Region> sides = List.of(body(x.type()), body(x.type()));
    return ops.node(new If(), List.of(condition, x, y), sides);
  }

  private RandomOps.Candidate call() {
    Value x = ops.ranked(0);
    return ops.node(new Call("mix"), List.of(x, ops.like(x.type())), List.of(body(x.type())));
  }

  /// One or two values are carried, one or two tensors walked; a turn may choose what it does by
  /// its number.
  private RandomOps.Candidate scan() {
    Value xs = ops.ranked(1);
    Dim steps = xs.type().dim(0);
    TensorType type = xs.type().withShape(xs.type().shape().subList(1, xs.type().rank()));
    int carried = (int) ops.between(1, 2);
    int walked = (int) ops.between(1, 2);
    GraphBuilder b = new GraphBuilder();
    Value turn = b.parameter(RandomOps.scalar(DType.I32), "turn");
    List<Value> before = new ArrayList<>();
    List<Value> operands = new ArrayList<>();
    for (int i = 0; i < carried; i++) {
      before.add(b.parameter(type, "carried" + i));
      operands.add(ops.like(type));
    }
    Value at = b.parameter(xs.type().withShape(type.shape()), "walked0");
    operands.add(xs);
    for (int i = 1; i < walked; i++) {
      at = mix(b, at, b.parameter(type, "walked" + i));
      operands.add(ops.like(xs.type()));
    }
    Value seen = b.parameter(type, "seen");
    operands.add(ops.like(type));
    Value next = mix(b, before.getFirst(), at);
    if (ops.random.nextInt(3) == 0) {
      Value late = b.add(Pointwise.GT, turn, b.fill(turn.type(), (double) ops.between(0, 2)));
      List<Region> sides = List.of(body(type), body(type));
      next = b.add(new If(), List.of(late, next, seen), sides, "chosen").result();
    }
    List<Value> results = new ArrayList<>();
    results.add(next);
    if (carried == 2) {
      // They change places.
      results.set(0, mix(b, before.get(1), seen));
      results.add(next);
    }
    results.add(mix(b, next, seen));
    return ops.node(new Scan(steps, carried, walked), operands, List.of(b.region(results)));
  }

  /// Counts down while it mixes.
  private RandomOps.Candidate loop() {
    Value x = ops.ranked(0);
    TensorType counter = RandomOps.scalar(DType.I32);
    GraphBuilder test = new GraphBuilder();
    Value left = test.parameter(counter, "left");
    test.parameter(x.type(), "x");
    test.parameter(x.type(), "y");
    Value more = test.add(Pointwise.GT, left, test.fill(counter, 0));
    Region condition = test.region(List.of(more));
    GraphBuilder b = new GraphBuilder();
    Value count = b.parameter(counter, "left");
    Value now = b.parameter(x.type(), "x");
    Value seen = b.parameter(x.type(), "y");
    Value fewer = b.add(Pointwise.SUB, count, b.fill(counter, 1));
    Region turn = b.region(List.of(fewer, mix(b, now, seen)));
    Value start = ops.fresh(counter, 0, 4);
    return ops.node(
        new While(2, ops.between(1, 5), false),
        List.of(start, x, ops.like(x.type())),
        List.of(condition, turn));
  }

  private RandomOps.Candidate attention(boolean derived) {
    DType dtype = ops.ranked(0).type().dtype();
    List<Dim> lead = ops.random.nextBoolean() ? List.of(Dim.symbol("N")) : List.of();
    Dim queries = Dim.of(ops.between(1, 3));
    Dim keys = Dim.of(ops.between(1, 4));
    Dim width = Dim.of(ops.between(1, 4));
    Dim depth = Dim.of(ops.between(1, 3));
    boolean causal = ops.random.nextBoolean();
    double scale = 0.5;
    List<Value> operands = new ArrayList<>();
    operands.add(ops.like(tensor(dtype, lead, queries, width)));
    operands.add(ops.like(tensor(dtype, lead, keys, width)));
    operands.add(ops.like(tensor(dtype, lead, keys, depth)));
    if (causal) {
      operands.add(ops.fresh(RandomOps.scalar(DType.I32), 0, 3));
    }
    if (derived) {
      // Large enough that no weight exp(score - log of the sum) is out of bounds.
      operands.add(ops.fresh(tensor(dtype, lead, queries), 3, 4));
      operands.add(ops.like(tensor(dtype, lead, queries)));
      operands.add(ops.like(tensor(dtype, lead, queries, depth)));
      return ops.node(new AttentionGrad(causal, false, scale), operands, List.of());
    }
    return ops.node(new Attention(causal, false, scale), operands, List.of());
  }

  private static TensorType tensor(DType dtype, List<Dim> lead, Dim... tail) {
    List<Dim> shape = new ArrayList<>(lead);
    shape.addAll(List.of(tail));
    return new TensorType(dtype, shape);
  }
}
