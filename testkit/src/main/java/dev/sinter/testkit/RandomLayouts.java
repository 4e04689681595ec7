package dev.sinter.testkit;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.BitCast;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Constant;
import dev.sinter.ir.op.Fill;
import dev.sinter.ir.op.Iota;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.Transpose;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Rows for ops that move, spread, convert or make elements.
final class RandomLayouts {
  private final RandomOps ops;

  RandomLayouts(RandomOps ops) {
    this.ops = ops;
  }

  void add(Map<String, Supplier<RandomOps.Candidate>> rows) {
    rows.put(
        "transpose",
        () -> {
          Value x = ops.any(t -> t.rank() >= 1);
          List<Integer> order =
              new ArrayList<>(IntStream.range(0, x.type().rank()).boxed().toList());
          Collections.shuffle(order, ops.random);
          return ops.node(new Transpose(order), x);
        });
    rows.put(
        "reshape",
        () -> {
          Value x = ops.any(t -> t.rank() >= 1);
          List<Dim> shape = new ArrayList<>(x.type().shape());
          int at = ops.random.nextInt(shape.size());
          if (shape.size() > 1 && at + 1 < shape.size()) {
            shape.set(at, shape.get(at).times(shape.remove(at + 1)));
          } else if (ops.random.nextBoolean()) {
            shape.add(at, Dim.ONE);
          } else if (shape.get(at).isConstant() && shape.get(at).constant() % 2 == 0) {
            shape.set(at, shape.get(at).floorDiv(2));
            shape.add(at, Dim.of(2));
          }
          return ops.node(new Reshape(shape), x);
        });
    rows.put(
        "broadcast",
        () -> {
          Value x = ops.any(t -> t.rank() <= 3);
          List<Dim> shape = new ArrayList<>(x.type().shape());
          List<Integer> places = new ArrayList<>(IntStream.range(0, shape.size()).boxed().toList());
          int at = ops.random.nextInt(shape.size() + 1);
          shape.add(at, ops.random.nextInt(3) == 0 ? Dim.symbol("M") : Dim.of(ops.between(1, 4)));
          places.replaceAll(p -> p >= at ? p + 1 : p);
          return ops.node(new Broadcast(places, shape), x);
        });
    rows.put(
        "cast",
        () -> {
          // Half of them to the types that most ops take.
          List<DType> common = List.of(ops.floats, DType.I32, DType.I64, DType.BOOL, DType.F64);
          List<DType> types = ops.random.nextBoolean() ? common : List.of(DType.values());
          return ops.node(new Cast(ops.oneOf(types)), ops.any(t -> true));
        });
    rows.put(
        "bit_cast",
        () -> {
          // Of floats the bits are what rounding leaves uncertain.
          Value x = ops.any(t -> t.dtype().isInteger() && t.dtype().bits() >= 8);
          List<DType> types =
              Stream.of(DType.values())
                  .filter(t -> t.isInteger() && t.bits() == x.type().dtype().bits())
                  .toList();
          return ops.node(new BitCast(ops.oneOf(types)), x);
        });
    rows.put(
        "fill",
        () -> {
          TensorType type = ops.any(t -> true).type();
          Elem.Literal literal =
              (Elem.Literal) Elem.literal(type.dtype(), (double) ops.between(-2, 3));
          return ops.node(new Fill(type.dtype(), literal.real(), literal.integer(), type.shape()));
        });
    rows.put(
        "iota",
        () -> {
          Value x = ops.any(t -> t.rank() >= 1);
          DType dtype = ops.oneOf(List.of(ops.floats, DType.I32, DType.I64));
          return ops.node(new Iota(dtype, ops.axis(x), x.type().shape()));
        });
    rows.put(
        "constant",
        () -> {
          TensorType type =
              TensorType.of(
                  ops.oneOf(List.of(ops.floats, DType.I32)), ops.between(1, 3), ops.between(1, 4));
          return ops.node(new Constant(ops.input(type).tensor()));
        });
  }
}
