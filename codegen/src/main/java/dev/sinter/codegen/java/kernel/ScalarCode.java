package dev.sinter.codegen.java.kernel;

import com.palantir.javapoet.CodeBlock;
import dev.sinter.codegen.java.kernel.Code.Level;
import dev.sinter.codegen.java.kernel.JavaTypes.Carrier;
import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.ScalarExpansion;
import dev.sinter.runtime.DType;
import java.util.List;

/// Scalar functions, conversions and memory as Java expressions over the carriers of
/// [JavaTypes.Carrier].
///
/// @param support where an expression asks for the methods that it calls
record ScalarCode(SupportMethods support) {
  /// `fn` of arguments of type `dtype` (for a select, that of its sides).
  Code apply(ScalarFn fn, List<Code> args, DType dtype) {
    boolean rounds = ScalarExpansion.of(fn).filter(e -> !e.isExact()).isPresent();
    if ((dtype.compute() == DType.F32 && rounds) || fn == ScalarFn.THREEFRY) {
      return call(support.expansion(fn, false), args);
    }
    if (fn == ScalarFn.SELECT) {
      return new Code(
          CodeBlock.of(
              "$L ? $L : $L",
              args.get(0).at(Level.OR),
              args.get(1).at(Level.OR),
              args.get(2).at(Level.OR)),
          Level.CONDITIONAL);
    }
    return switch (Carrier.of(dtype)) {
      case FLOAT, DOUBLE -> real(fn, args, dtype == DType.F64);
      case INT, LONG -> integer(fn, args, dtype);
      case BOOLEAN -> logical(fn, args);
    };
  }

  private Code real(ScalarFn fn, List<Code> args, boolean wide) {
    Code a = args.getFirst();
    return switch (fn) {
      case ADD -> Code.binary(Level.SUM, a, "+", args.get(1));
      case SUB -> Code.binary(Level.SUM, a, "-", args.get(1));
      case MUL -> Code.binary(Level.PRODUCT, a, "*", args.get(1));
      case DIV -> Code.binary(Level.PRODUCT, a, "/", args.get(1));
      case REM -> call(support.method(wide ? "remainder(double)" : "remainder(float)"), args);
      case MAX -> call("Math.max", args);
      case MIN -> call("Math.min", args);
      case FMA -> call("Math.fma", args);
      case NEG -> Code.of(Level.UNARY, "-$L", a.at(Level.PRIMARY));
      case ABS -> call("Math.abs", args);
      case SIGN -> call("Math.signum", args);
      case FLOOR -> math("Math.floor", args, wide);
      case CEIL -> math("Math.ceil", args, wide);
      case ROUND -> math("Math.rint", args, wide);
      case TRUNC -> call(support.method(wide ? "truncate(double)" : "truncate(float)"), args);
      case SQRT -> math("Math.sqrt", args, wide);
      case EXP -> math("StrictMath.exp", args, wide);
      case EXPM1 -> math("StrictMath.expm1", args, wide);
      case LOG -> math("StrictMath.log", args, wide);
      case LOG1P -> math("StrictMath.log1p", args, wide);
      case SIN -> math("StrictMath.sin", args, wide);
      case COS -> math("StrictMath.cos", args, wide);
      case TAN -> math("StrictMath.tan", args, wide);
      case ASIN -> math("StrictMath.asin", args, wide);
      case ACOS -> math("StrictMath.acos", args, wide);
      case ATAN -> math("StrictMath.atan", args, wide);
      case TANH -> math("StrictMath.tanh", args, wide);
      case POW -> math("StrictMath.pow", args, wide);
      case ATAN2 -> math("StrictMath.atan2", args, wide);
      case ERF -> math(support.method("erf(double)"), args, wide);
      case EQ -> Code.binary(Level.EQUALITY, a, "==", args.get(1));
      case NE -> Code.binary(Level.EQUALITY, a, "!=", args.get(1));
      case LT -> Code.binary(Level.RELATION, a, "<", args.get(1));
      case LE -> Code.binary(Level.RELATION, a, "<=", args.get(1));
      case GT -> Code.binary(Level.RELATION, a, ">", args.get(1));
      case GE -> Code.binary(Level.RELATION, a, ">=", args.get(1));
      case IS_NAN -> call(wide ? "Double.isNaN" : "Float.isNaN", args);
      case AND, OR, XOR, NOT, SHL, SHR, SELECT, THREEFRY -> throw unknown(fn, "a float");
    };
  }

  /// A function of doubles; of a float, exact enough that rounding its result is the float's.
  private static Code math(String function, List<Code> args, boolean wide) {
    Code call = call(function, args);
    return wide ? call : Code.of(Level.UNARY, "(float) $L", call.block());
  }

  private Code integer(ScalarFn fn, List<Code> args, DType dtype) {
    Code a = args.getFirst();
    boolean wide = Carrier.of(dtype) == Carrier.LONG;
    String box = wide ? "Long" : "Integer";
    String type = wide ? "long" : "int";
    boolean unsigned = dtype.kind() == DType.Kind.UNSIGNED;
    boolean full = unsigned && dtype.bits() >= 32;
    return switch (fn) {
      case ADD -> wrap(Code.binary(Level.SUM, a, "+", args.get(1)), dtype);
      case SUB -> wrap(Code.binary(Level.SUM, a, "-", args.get(1)), dtype);
      case MUL -> wrap(Code.binary(Level.PRODUCT, a, "*", args.get(1)), dtype);
      case FMA ->
          wrap(
              Code.binary(
                  Level.SUM, Code.binary(Level.PRODUCT, a, "*", args.get(1)), "+", args.get(2)),
              dtype);
      case NEG -> wrap(Code.of(Level.UNARY, "-$L", a.at(Level.PRIMARY)), dtype);
      case DIV ->
          wrap(
              call(support.method((full ? "unsigned" : "") + "Quotient(" + type + ")"), args),
              dtype);
      case REM -> call(support.method((full ? "unsigned" : "") + "Modulus(" + type + ")"), args);
      case MAX ->
          full ? call(support.method("unsignedMax(" + type + ")"), args) : call("Math.max", args);
      case MIN ->
          full ? call(support.method("unsignedMin(" + type + ")"), args) : call("Math.min", args);
      case ABS -> unsigned ? a : wrap(call("Math.abs", args), dtype);
      case SIGN ->
          full
              ? Code.of(Level.CONDITIONAL, "$L == 0 ? 0 : 1", a.at(Level.EQUALITY))
              : call(box + ".signum", args);
      case FLOOR, CEIL, ROUND, TRUNC -> a;
      case EQ -> Code.binary(Level.EQUALITY, a, "==", args.get(1));
      case NE -> Code.binary(Level.EQUALITY, a, "!=", args.get(1));
      case LT -> relation(args, "<", box, full);
      case LE -> relation(args, "<=", box, full);
      case GT -> relation(args, ">", box, full);
      case GE -> relation(args, ">=", box, full);
      case AND -> Code.binary(Level.AND, a, "&", args.get(1));
      case OR -> Code.binary(Level.OR, a, "|", args.get(1));
      case XOR -> Code.binary(Level.XOR, a, "^", args.get(1));
      case NOT -> wrap(Code.of(Level.UNARY, "~$L", a.at(Level.UNARY)), dtype);
      case SHL -> wrap(Code.binary(Level.SHIFT, a, "<<", args.get(1)), dtype);
      case SHR -> Code.binary(Level.SHIFT, a, unsigned ? ">>>" : ">>", args.get(1));
      case POW ->
          wrap(
              call(support.method((full ? "unsignedPower(" : "power(") + type + ")"), args), dtype);
      case SQRT,
          EXP,
          EXPM1,
          LOG,
          LOG1P,
          SIN,
          COS,
          TAN,
          ASIN,
          ACOS,
          ATAN,
          TANH,
          ERF,
          ATAN2,
          IS_NAN,
          SELECT,
          THREEFRY ->
          throw unknown(fn, "an integer");
    };
  }

  private static Code relation(List<Code> args, String operator, String box, boolean unsigned) {
    return unsigned
        ? Code.of(Level.RELATION, "$L $L 0", call(box + ".compareUnsigned", args).block(), operator)
        : Code.binary(Level.RELATION, args.get(0), operator, args.get(1));
  }

  private static Code logical(ScalarFn fn, List<Code> args) {
    Code a = args.getFirst();
    return switch (fn) {
      case AND -> Code.binary(Level.AND, a, "&", args.get(1));
      case OR -> Code.binary(Level.OR, a, "|", args.get(1));
      case XOR, NE -> Code.binary(Level.XOR, a, "^", args.get(1));
      case EQ -> Code.binary(Level.EQUALITY, a, "==", args.get(1));
      case NOT -> Code.of(Level.UNARY, "!$L", a.at(Level.PRIMARY));
      default -> throw unknown(fn, "a bool");
    };
  }

  /// The low bits of an integer as a value of its dtype.
  private static Code wrap(Code value, DType dtype) {
    return switch (dtype) {
      case I8 -> Code.of(Level.UNARY, "(byte) $L", value.at(Level.PRIMARY));
      case I16 -> Code.of(Level.UNARY, "(short) $L", value.at(Level.PRIMARY));
      case I4 -> Code.of(Level.SHIFT, "$L << 28 >> 28", value.at(Level.SHIFT));
      case U4 -> Code.of(Level.AND, "$L & 0xf", value.at(Level.AND));
      case U8 -> Code.of(Level.AND, "$L & 0xff", value.at(Level.AND));
      case U16 -> Code.of(Level.AND, "$L & 0xffff", value.at(Level.AND));
      default -> value;
    };
  }

  /// A conversion: float to integer truncates and saturates, integers wrap.
  Code cast(Code value, DType from, DType to) {
    if (from == to) {
      return value;
    }
    if (to == DType.BOOL) {
      return Code.of(Level.EQUALITY, "$L != 0", value.at(Level.RELATION));
    }
    if (from == DType.BOOL) {
      String one = literalText((Elem.Literal) Elem.literal(to, 1L));
      String zero = literalText((Elem.Literal) Elem.literal(to, 0L));
      return Code.of(Level.CONDITIONAL, "$L ? $L : $L", value.at(Level.OR), one, zero);
    }
    if (to.isFloat()) {
      return toFloat(value, from, to);
    }
    return from.isFloat() ? saturate(value, to) : wrapFrom(value, from, to);
  }

  /// The bits of a 32-bit type read as another.
  Code bits(Code value, DType from, DType to) {
    if (from == DType.F32) {
      return Code.primary("Float.floatToRawIntBits($L)", value.block());
    }
    return to == DType.F32 ? Code.primary("Float.intBitsToFloat($L)", value.block()) : value;
  }

  private Code toFloat(Code value, DType from, DType to) {
    boolean unsigned = from == DType.U32 || from == DType.U64;
    Code number =
        !unsigned
            ? value
            : from == DType.U32
                ? Code.of(Level.AND, "$L & 0xffffffffL", value.at(Level.AND))
                : call(support.method("unsignedToDouble"), List.of(value));
    boolean exact = from.bits() <= 16 || from == DType.F32;
    return switch (to) {
      case F64 ->
          from == DType.U64 ? number : Code.of(Level.UNARY, "(double) $L", number.at(Level.UNARY));
      case F32 ->
          from == DType.F16 || from == DType.BF16
              ? number
              : from == DType.U64
                  ? call(support.method("unsignedToFloat"), List.of(value))
                  : Code.of(Level.UNARY, "(float) $L", number.at(Level.UNARY));
      case F16 ->
          exact
              ? Code.primary("Float.float16ToFloat(Float.floatToFloat16($L))", number.block())
              : Code.of(Level.UNARY, "(float) $T.F16.round($L)", DType.class, number.block());
      case BF16 ->
          exact
              ? call(support.method("roundToBfloat16"), List.of(number))
              : Code.of(Level.UNARY, "(float) $T.BF16.round($L)", DType.class, number.block());
      default -> throw new IllegalArgumentException(to.text());
    };
  }

  private Code saturate(Code value, DType to) {
    return switch (to) {
      case I32 -> Code.of(Level.UNARY, "(int) $L", value.at(Level.UNARY));
      case I64 -> Code.of(Level.UNARY, "(long) $L", value.at(Level.UNARY));
      case U64 -> call(support.method("doubleToUnsigned"), List.of(value));
      case U32 ->
          Code.of(
              Level.UNARY, "(int) Math.clamp((long) $L, 0L, 0xffffffffL)", value.at(Level.UNARY));
      default -> {
        boolean signed = to.kind() == DType.Kind.SIGNED;
        int greatest = (int) (-1L >>> (64 - to.bits() + (signed ? 1 : 0)));
        yield Code.primary(
            "Math.clamp((int) $L, $L, $L)",
            value.at(Level.UNARY),
            signed ? -greatest - 1 : 0,
            greatest);
      }
    };
  }

  private static Code wrapFrom(Code value, DType from, DType to) {
    boolean fromLong = Carrier.of(from) == Carrier.LONG;
    boolean toLong = Carrier.of(to) == Carrier.LONG;
    if (toLong) {
      return fromLong
          ? value
          : from == DType.U32
              ? Code.of(Level.AND, "$L & 0xffffffffL", value.at(Level.AND))
              : Code.of(Level.UNARY, "(long) $L", value.at(Level.UNARY));
    }
    Code narrow = fromLong ? Code.of(Level.UNARY, "(int) $L", value.at(Level.UNARY)) : value;
    return wrap(narrow, to);
  }

  /// The element at a place.
  Code load(Place place, DType dtype) {
    return switch (dtype) {
      case F32 -> Code.primary("$L.get(F32, $L)", place.buffer(), place.offset(4));
      case F64 -> Code.primary("$L.get(F64, $L)", place.buffer(), place.offset(8));
      case I32, U32 -> Code.primary("$L.get(I32, $L)", place.buffer(), place.offset(4));
      case I64, U64 -> Code.primary("$L.get(I64, $L)", place.buffer(), place.offset(8));
      case I16 -> Code.primary("$L.get(I16, $L)", place.buffer(), place.offset(2));
      case U16 -> Code.of(Level.AND, "$L.get(I16, $L) & 0xffff", place.buffer(), place.offset(2));
      case F16 ->
          Code.primary("Float.float16ToFloat($L.get(I16, $L))", place.buffer(), place.offset(2));
      case BF16 ->
          Code.primary(
              "Float.intBitsToFloat($L.get(I16, $L) << 16)", place.buffer(), place.offset(2));
      case I8 -> Code.primary("$L.get(I8, $L)", place.buffer(), place.offset(1));
      case U8 -> Code.of(Level.AND, "$L.get(I8, $L) & 0xff", place.buffer(), place.offset(1));
      case BOOL -> Code.of(Level.EQUALITY, "$L.get(I8, $L) != 0", place.buffer(), place.offset(1));
      case U4, I4 -> {
        Code nibble =
            Code.primary(
                "$L($L, $LAt, $L)",
                support.method("nibble"),
                place.buffer(),
                place.buffer(),
                place.index().block());
        yield dtype == DType.U4 ? nibble : wrap(nibble, DType.I4);
      }
    };
  }

  /// The statement, without its semicolon, that writes the element at a place.
  Code store(Place place, DType dtype, Code value) {
    return switch (dtype) {
      case F32 -> set(place, "F32", 4, value);
      case F64 -> set(place, "F64", 8, value);
      case I32, U32 -> set(place, "I32", 4, value);
      case I64, U64 -> set(place, "I64", 8, value);
      case I16, U16 -> set(place, "I16", 2, narrow("short", value));
      case F16 -> set(place, "I16", 2, Code.primary("Float.floatToFloat16($L)", value.block()));
      case BF16 -> set(place, "I16", 2, call(support.method("floatToBfloat16"), List.of(value)));
      case I8, U8 -> set(place, "I8", 1, narrow("byte", value));
      case BOOL ->
          set(place, "I8", 1, Code.of(Level.UNARY, "(byte) ($L ? 1 : 0)", value.at(Level.OR)));
      case I4, U4 ->
          Code.primary(
              "$L($L, $LAt, $L, $L)",
              support.method("setNibble"),
              place.buffer(),
              place.buffer(),
              place.index().block(),
              value.block());
    };
  }

  private static Code set(Place place, String layout, int bytes, Code value) {
    return Code.primary(
        "$L.set($L, $L, $L)", place.buffer(), layout, place.offset(bytes), value.block());
  }

  private static Code narrow(String type, Code value) {
    boolean already = value.block().toString().startsWith("(" + type + ") ");
    return already ? value : Code.of(Level.UNARY, "($L) $L", type, value.at(Level.UNARY));
  }

  /// A number.
  static Code literal(Elem.Literal literal) {
    String text = literalText(literal);
    return text.startsWith("-") ? Code.of(Level.UNARY, "$L", text) : Code.primary("$L", text);
  }

  private static String literalText(Elem.Literal literal) {
    return switch (Carrier.of(literal.dtype())) {
      case FLOAT -> floatText((float) literal.dtype().round(literal.real()));
      case DOUBLE -> doubleText(literal.real());
      case INT -> Integer.toString((int) literal.integer());
      case LONG -> literal.integer() + "L";
      case BOOLEAN -> literal.integer() != 0 ? "true" : "false";
    };
  }

  private static String floatText(float value) {
    if (Float.isNaN(value)) {
      return "Float.NaN";
    }
    if (Float.isInfinite(value)) {
      return value > 0 ? "Float.POSITIVE_INFINITY" : "Float.NEGATIVE_INFINITY";
    }
    return value + "f";
  }

  private static String doubleText(double value) {
    if (Double.isNaN(value)) {
      return "Double.NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "Double.POSITIVE_INFINITY" : "Double.NEGATIVE_INFINITY";
    }
    return Double.toString(value);
  }

  static Code call(String method, List<Code> args) {
    return Code.primary(
        "$L($L)", method, CodeBlock.join(args.stream().map(Code::block).toList(), ", "));
  }

  private static IllegalArgumentException unknown(ScalarFn fn, String type) {
    return new IllegalArgumentException(fn + " of " + type);
  }
}
