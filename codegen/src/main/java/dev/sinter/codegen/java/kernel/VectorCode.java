package dev.sinter.codegen.java.kernel;

import static dev.sinter.codegen.java.kernel.JavaTypes.FLOAT_VECTOR;
import static dev.sinter.codegen.java.kernel.JavaTypes.INT_VECTOR;
import static dev.sinter.codegen.java.kernel.JavaTypes.OPERATORS;

import com.palantir.javapoet.CodeBlock;
import dev.sinter.codegen.java.kernel.Code.Level;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.ScalarExpansion;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.Optional;

/// Functions, conversions and memory lane by lane, on the Vector API: `FloatVector` for `f32`,
/// `IntVector` for `i32` and `u32`, `VectorMask<Float>` for bools.
///
/// No transcendental `lanewise` and no float `reduceLanes` is ever emitted: what they answer
/// depends on whether the JIT has compiled the method.
///
/// @param support where an expression asks for the methods that it calls
record VectorCode(SupportMethods support) {
  /// `fn` of vectors of type `dtype` (for a select, that of its sides). A last argument in `scalar`
  /// is the scalar of which the vector argument consists.
  Code apply(ScalarFn fn, List<Code> args, DType dtype, Optional<Code> scalar) {
    if ((dtype == DType.F32 && ScalarExpansion.of(fn).isPresent()) || fn == ScalarFn.THREEFRY) {
      return ScalarCode.call(support.expansion(fn, true), args);
    }
    return switch (dtype) {
      case F32 -> real(fn, args, scalar);
      case I32, U32 -> integer(fn, args, dtype == DType.U32, scalar);
      case BOOL -> logical(fn, args);
      default -> throw new CompilerBug("emit", fn + " of vectors of " + dtype);
    };
  }

  /// Whether a comparison finds the larger or smaller of this and any other number: not of NaN, and
  /// not of -0, which is equal to 0.
  static boolean isBound(double real) {
    return !Double.isNaN(real) && Double.doubleToRawLongBits(real) != Long.MIN_VALUE;
  }

  /// The maximum or minimum of a vector in a local and a number for which [#isBound(double)] holds,
  /// in two instructions where `max` and `min` need five for NaN and the sign of 0.
  static Code bounded(ScalarFn fn, Code local, Code bound) {
    return Code.primary(
        "$L.blend($L, $L.compare($T.$L, $L))",
        local.block(),
        bound.block(),
        local.block(),
        OPERATORS,
        fn == ScalarFn.MAX ? "LE" : "GT",
        bound.block());
  }

  private static Code real(ScalarFn fn, List<Code> args, Optional<Code> scalar) {
    return switch (fn) {
      case ADD -> method("add", args, scalar);
      case SUB -> method("sub", args, scalar);
      case MUL -> method("mul", args, scalar);
      case DIV -> method("div", args, scalar);
      case MAX -> method("max", args, scalar);
      case MIN -> method("min", args, scalar);
      case FMA -> method("fma", args, Optional.empty());
      case NEG -> method("neg", args, Optional.empty());
      case ABS -> method("abs", args, Optional.empty());
      case SQRT -> method("sqrt", args, Optional.empty());
      case EQ -> compare("EQ", args, scalar);
      case NE -> compare("NE", args, scalar);
      case LT -> compare("LT", args, scalar);
      case LE -> compare("LE", args, scalar);
      case GT -> compare("GT", args, scalar);
      case GE -> compare("GE", args, scalar);
      case IS_NAN ->
          Code.primary("$L.test($T.IS_NAN)", args.getFirst().at(Level.PRIMARY), OPERATORS);
      case SELECT -> select(args);
      default -> throw new CompilerBug("emit", fn + " has no form for vectors of f32");
    };
  }

  private static Code integer(
      ScalarFn fn, List<Code> args, boolean unsigned, Optional<Code> scalar) {
    return switch (fn) {
      case ADD -> method("add", args, scalar);
      case SUB -> method("sub", args, scalar);
      case MUL -> method("mul", args, scalar);
      case NEG -> method("neg", args, Optional.empty());
      case ABS -> unsigned ? args.getFirst() : method("abs", args, Optional.empty());
      case MAX -> unsigned ? lanewise("UMAX", args, scalar) : method("max", args, scalar);
      case MIN -> unsigned ? lanewise("UMIN", args, scalar) : method("min", args, scalar);
      case AND -> method("and", args, scalar);
      case OR -> method("or", args, scalar);
      case XOR -> lanewise("XOR", args, scalar);
      case NOT -> method("not", args, Optional.empty());
      case SHL -> lanewise("LSHL", args, scalar);
      case SHR -> lanewise(unsigned ? "LSHR" : "ASHR", args, scalar);
      case EQ -> asFloatMask(compare("EQ", args, scalar));
      case NE -> asFloatMask(compare("NE", args, scalar));
      case LT -> asFloatMask(compare(unsigned ? "ULT" : "LT", args, scalar));
      case LE -> asFloatMask(compare(unsigned ? "ULE" : "LE", args, scalar));
      case GT -> asFloatMask(compare(unsigned ? "UGT" : "GT", args, scalar));
      case GE -> asFloatMask(compare(unsigned ? "UGE" : "GE", args, scalar));
      case SELECT ->
          select(
              List.of(
                  Code.primary("$L.cast(INTS)", args.get(0).at(Level.PRIMARY)),
                  args.get(1),
                  args.get(2)));
      case FLOOR, CEIL, ROUND, TRUNC -> args.getFirst();
      default -> throw new CompilerBug("emit", fn + " has no form for vectors of integers");
    };
  }

  private static Code logical(ScalarFn fn, List<Code> args) {
    return switch (fn) {
      case AND -> method("and", args, Optional.empty());
      case OR -> method("or", args, Optional.empty());
      case XOR, NE -> Code.primary("$L.not()", method("eq", args, Optional.empty()).block());
      case EQ -> method("eq", args, Optional.empty());
      case NOT -> method("not", args, Optional.empty());
      case SELECT -> {
        Code chosen = method("and", List.of(args.get(0), args.get(1)), Optional.empty());
        Code other =
            Code.primary("$L.andNot($L)", args.get(2).at(Level.PRIMARY), args.get(0).block());
        yield method("or", List.of(chosen, other), Optional.empty());
      }
      default -> throw new CompilerBug("emit", fn + " has no form for masks");
    };
  }

  private static Code select(List<Code> args) {
    return Code.primary(
        "$L.blend($L, $L)",
        args.get(2).at(Level.PRIMARY),
        args.get(1).block(),
        args.get(0).block());
  }

  private static Code asFloatMask(Code mask) {
    return Code.primary("$L.cast(FLOATS)", mask.block());
  }

  private static Code method(String name, List<Code> args, Optional<Code> scalar) {
    return Code.primary("$L.$L($L)", args.getFirst().at(Level.PRIMARY), name, rest(args, scalar));
  }

  private static Code lanewise(String operator, List<Code> args, Optional<Code> scalar) {
    return Code.primary(
        "$L.lanewise($T.$L, $L)",
        args.getFirst().at(Level.PRIMARY),
        OPERATORS,
        operator,
        rest(args, scalar));
  }

  private static Code compare(String operator, List<Code> args, Optional<Code> scalar) {
    return Code.primary(
        "$L.compare($T.$L, $L)",
        args.getFirst().at(Level.PRIMARY),
        OPERATORS,
        operator,
        rest(args, scalar));
  }

  private static CodeBlock rest(List<Code> args, Optional<Code> scalar) {
    return scalar
        .map(Code::block)
        .orElseGet(() -> CodeBlock.join(args.stream().skip(1).map(Code::block).toList(), ", "));
  }

  Code cast(Code value, DType from, DType to) {
    if (from == to || (is32BitInteger(from) && is32BitInteger(to))) {
      return value;
    }
    if (from == DType.F32 && to == DType.I32) {
      return converted(INT_VECTOR, value, "F2I");
    }
    if (from == DType.I32 && to == DType.F32) {
      return converted(FLOAT_VECTOR, value, "I2F");
    }
    if (from == DType.BOOL && to == DType.F32) {
      return Code.primary("$T.zero(FLOATS).blend(1.0f, $L)", FLOAT_VECTOR, value.block());
    }
    if (from == DType.BOOL && is32BitInteger(to)) {
      return Code.primary(
          "$T.zero(INTS).blend(1, $L.cast(INTS))", INT_VECTOR, value.at(Level.PRIMARY));
    }
    if (to == DType.BOOL) {
      Code mask = Code.primary("$L.compare($T.NE, 0)", value.at(Level.PRIMARY), OPERATORS);
      return from == DType.F32 ? mask : asFloatMask(mask);
    }
    throw new CompilerBug("emit", "vectors of " + from + " to " + to);
  }

  private static Code converted(Object type, Code value, String conversion) {
    return Code.of(
        Level.UNARY,
        "($T) $L.convert($T.$L, 0)",
        type,
        value.at(Level.PRIMARY),
        OPERATORS,
        conversion);
  }

  Code bits(Code value, DType to) {
    return Code.primary(
        "$L.$L()",
        value.at(Level.PRIMARY),
        to == DType.F32 ? "reinterpretAsFloats" : "reinterpretAsInts");
  }

  Code splat(Code scalar, DType dtype) {
    return switch (dtype) {
      case F32 -> Code.primary("$T.broadcast(FLOATS, $L)", FLOAT_VECTOR, scalar.block());
      case I32, U32 -> Code.primary("$T.broadcast(INTS, $L)", INT_VECTOR, scalar.block());
      case BOOL -> Code.primary("FLOATS.maskAll($L)", scalar.block());
      default -> throw new CompilerBug("emit", "a vector of " + dtype);
    };
  }

  /// A vector of `literal` in each lane, as an operand.
  Code constant(Elem.Literal literal) {
    return literal.dtype() == DType.BOOL
        ? splat(ScalarCode.literal(literal), DType.BOOL)
        : Code.primary("$L", support.vector(literal));
  }

  /// `first`, `first + stride`, and so on.
  Code indices(Code first, Code stride, DType dtype) {
    Code ints =
        Code.primary(
            "$T.broadcast(INTS, $L).addIndex($L)", INT_VECTOR, first.block(), stride.block());
    return dtype == DType.F32 ? converted(FLOAT_VECTOR, ints, "I2F") : ints;
  }

  Code load(Place place, DType dtype, Optional<Code> mask) {
    return Code.primary(
        "$T.fromMemorySegment($L, $L, $L, ORDER$L)",
        type(dtype),
        species(dtype),
        place.buffer(),
        place.offset(4),
        argument(mask));
  }

  Code store(Place place, Code value, Optional<Code> mask) {
    return Code.primary(
        "$L.intoMemorySegment($L, $L, ORDER$L)",
        value.at(Level.PRIMARY),
        place.buffer(),
        place.offset(4),
        argument(mask));
  }

  private static CodeBlock argument(Optional<Code> mask) {
    return mask.map(m -> CodeBlock.of(", $L", m.block())).orElse(CodeBlock.of(""));
  }

  /// The mask of the lanes below `limit`, for vectors of `dtype`.
  static Code mask(DType dtype, Code limit) {
    return Code.primary("$L.indexInRange(0, $L)", maskSpecies(dtype), limit.block());
  }

  /// The species of the masks of vectors of `dtype`; bools are masks of floats.
  static String maskSpecies(DType dtype) {
    return is32BitInteger(dtype) ? "INTS" : "FLOATS";
  }

  /// A vector with `identity` in the lanes outside the mask.
  Code head(Code vector, DType dtype, Code identity, Code mask) {
    return switch (dtype) {
      case F32, I32, U32 ->
          Code.primary(
              "$L.blend($L, $L)", splat(identity, dtype).block(), vector.block(), mask.block());
      case BOOL ->
          identity.block().toString().equals("true")
              ? Code.primary("$L.or($L.not())", vector.at(Level.PRIMARY), mask.block())
              : Code.primary("$L.and($L)", vector.at(Level.PRIMARY), mask.block());
      default -> throw new CompilerBug("emit", "a vector of " + dtype);
    };
  }

  Code joinLanes(Code vector, DType dtype, Reducer reducer) {
    if (dtype == DType.BOOL) {
      return Code.primary(
          "$L.$L()", vector.at(Level.PRIMARY), reducer == Reducer.ALL ? "allTrue" : "anyTrue");
    }
    return ScalarCode.call(support.lanes(reducer, dtype), List.of(vector));
  }

  private static Object type(DType dtype) {
    return dtype == DType.F32 ? FLOAT_VECTOR : INT_VECTOR;
  }

  private static String species(DType dtype) {
    return dtype == DType.F32 ? "FLOATS" : "INTS";
  }

  private static boolean is32BitInteger(DType dtype) {
    return dtype == DType.I32 || dtype == DType.U32;
  }
}
