package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Index;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.Slice;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What models of sequences keep and write between their calls: caches, and convolutions that go on
/// where the last call ended.
final class SequenceRules {
  private SequenceRules() {}

  static void addTo(OpRules rules) {
    rules.add("TensorScatter", SequenceRules::tensorScatter);
    rules.add("CausalConvWithState", SequenceRules::causalConv);
  }

  private static List<Operand> tensorScatter(OpContext op) {
    Value cache = op.in(0);
    Value update = op.in(1);
    int axis = op.axis(op.integer("axis", -2), cache.type().rank());
    boolean circular = op.text("mode", "linear").equals("circular");
    Dim size = cache.type().dim(axis);
    Dim written = update.type().dim(axis);
    List<Value> operands = new ArrayList<>(List.of(cache, update));
    if (op.has(2)) {
      operands.add(op.in(2));
    }
    Value present =
        op.each(
            cache.type().shape(),
            at -> {
              Elem place = new Elem.IndexValue(DType.I64, at.get(axis));
              Elem from = place;
              if (op.has(2)) {
                Elem start = new Elem.Cast(DType.I64, Elem.read(2, List.of(at.get(0))));
                from = Elem.call(ScalarFn.SUB, place, start);
              }
              if (circular) {
                from = Elem.call(ScalarFn.REM, from, new Elem.IndexValue(DType.I64, size));
              }
              List<Index> index = new ArrayList<>(Index.of(at));
              index.set(axis, new Index.Computed(from));
              return Elem.select(
                  List.of(
                      Elem.call(ScalarFn.GE, from, Elem.literal(DType.I64, 0L)),
                      Elem.call(ScalarFn.LT, from, new Elem.IndexValue(DType.I64, written))),
                  new Elem.Read(1, index),
                  Elem.read(0, at));
            },
            operands.toArray(Value[]::new));
    return op.out(present);
  }

  private static List<Operand> causalConv(OpContext op) {
    Value x = op.in(0);
    Value filter = op.in(1);
    if (x.type().rank() != 3 || filter.type().rank() != 3) {
      throw op.fail("takes tensors of three axes, not " + x.type() + " and " + filter.type());
    }
    Dim channels = x.type().dim(1);
    Dim kept = filter.type().dim(2).minus(1);
    DType dtype = x.type().dtype();
    List<Dim> stateShape = List.of(x.type().dim(0), channels, kept);
    Value past = op.has(3) ? op.in(3) : op.fill(dtype, 0, stateShape);
    Value line = kept.is(0) ? x : op.add(new Concat(2), past, x);
    Value y =
        op.add(
            new Conv(
                List.of(1L),
                List.of(0L),
                List.of(0L),
                List.of(1L),
                op.constants(List.of(channels)).getFirst(),
                dtype.compute()),
            line,
            filter);
    if (op.has(2)) {
      Value bias = op.add(new Broadcast(List.of(1), y.type().shape()), op.in(2));
      y = op.add(Pointwise.ADD, y, bias);
    }
    y =
        switch (op.text("activation", "none").toLowerCase(Locale.ROOT)) {
          case "silu", "swish" -> op.add(Pointwise.SILU, y);
          case "none", "" -> y;
          default -> throw op.fail("has the activation " + op.text("activation", ""));
        };
    Value state = kept.is(0) ? past : Slice.of(op.builder(), line, 2, x.type().dim(2), kept);
    return op.out(y, state);
  }
}
