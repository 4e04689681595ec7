package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Formulas.arg;
import static dev.sinter.onnx.rules.Formulas.eq;
import static dev.sinter.onnx.rules.Formulas.less;
import static dev.sinter.onnx.rules.Formulas.or;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.select;

import dev.sinter.ir.Elem;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.BitCast;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.model.OnnxTypes;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.Map;

/// Comparisons, logic of bools and bits, choices and conversions.
final class LogicRules {
  private static final Map<String, Pointwise> UNARY =
      Map.of("Not", Pointwise.NOT, "BitwiseNot", Pointwise.NOT);

  private static final Map<String, Pointwise> BINARY =
      Map.ofEntries(
          Map.entry("Equal", Pointwise.EQ),
          Map.entry("Less", Pointwise.LT),
          Map.entry("LessOrEqual", Pointwise.LE),
          Map.entry("Greater", Pointwise.GT),
          Map.entry("GreaterOrEqual", Pointwise.GE),
          Map.entry("And", Pointwise.AND),
          Map.entry("Or", Pointwise.OR),
          Map.entry("Xor", Pointwise.XOR),
          Map.entry("BitwiseAnd", Pointwise.AND),
          Map.entry("BitwiseOr", Pointwise.OR),
          Map.entry("BitwiseXor", Pointwise.XOR));

  private LogicRules() {}

  static void addTo(OpRules rules) {
    UNARY.forEach((name, row) -> rules.add(name, op -> op.out(op.add(row, op.in(0)))));
    BINARY.forEach((name, row) -> rules.add(name, op -> op.out(ElementRules.binary(op, row))));
    rules.add("BitShift", op -> op.out(shift(op)));
    rules.add("IsNaN", op -> op.out(op.add(Pointwise.IS_NAN, op.in(0))));
    rules.add("IsInf", op -> op.out(isInfinite(op)));
    rules.add("Where", op -> op.out(where(op)));
    rules.add("Cast", op -> op.out(op.cast(op.in(0), target(op))));
    rules.add("CastLike", op -> op.out(op.cast(op.in(0), op.type(1).dtype())));
    rules.add("BitCast", op -> op.out(sameBits(op)));
  }

  /// Bits that are shifted out are lost; by the width of the type or more, all are.
  private static Value shift(OpContext op) {
    String direction = op.text("direction", "");
    if (!direction.equals("LEFT") && !direction.equals("RIGHT")) {
      throw op.fail("has the direction `%s`, which is neither LEFT nor RIGHT".formatted(direction));
    }
    ScalarFn fn = direction.equals("LEFT") ? ScalarFn.SHL : ScalarFn.SHR;
    List<Value> both = ElementRules.pair(op);
    DType dtype = both.getFirst().type().dtype();
    Elem shifted = Elem.call(fn, arg(0), arg(1));
    Elem within = less(arg(1), real(dtype, dtype.bits()));
    return Formulas.of(op, select(within, shifted, real(dtype, 0)), both.get(0), both.get(1));
  }

  private static Value isInfinite(OpContext op) {
    Value x = op.in(0);
    DType dtype = x.type().dtype();
    Elem low = eq(arg(0), real(dtype, Double.NEGATIVE_INFINITY));
    Elem high = eq(arg(0), real(dtype, Double.POSITIVE_INFINITY));
    boolean negative = op.flag("detect_negative", true);
    boolean positive = op.flag("detect_positive", true);
    if (!negative && !positive) {
      return op.fill(DType.BOOL, 0, x.type().shape());
    }
    return Formulas.of(op, negative && positive ? or(low, high) : negative ? low : high, x);
  }

  private static Value where(OpContext op) {
    List<Value> all = op.broadcastAll(op.all());
    return op.builder().add(Pointwise.SELECT, all, List.of(), "").result();
  }

  /// The bits of each element as another type of the same width; between integers and bools that is
  /// what a conversion does.
  private static Value sameBits(OpContext op) {
    DType from = op.type(0).dtype();
    DType to = target(op);
    if (storedBits(from) != storedBits(to)) {
      throw op.fail("takes the bits of %s as %s, which is not as wide".formatted(from, to));
    }
    boolean whole = !from.isFloat() && !to.isFloat();
    return from == to || whole ? op.cast(op.in(0), to) : op.add(new BitCast(to), op.in(0));
  }

  private static int storedBits(DType dtype) {
    return dtype == DType.BOOL ? Byte.SIZE : dtype.bits();
  }

  private static DType target(OpContext op) {
    int number = (int) op.integer("to", 0);
    return OnnxTypes.of(number).orElseThrow(() -> op.fail("converts to " + OnnxTypes.name(number)));
  }
}
