package dev.sinter.codegen.ptx;

import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.ThreadKernel.RegisterType;

/// The table: what instruction a legal function, conversion or number is.
///
/// Rounding is always named, so that ptxas fuses no product with a sum and approximates nothing.
/// Source: PTX ISA 7.0, chapter 9.
final class PtxOps {
  private PtxOps() {}

  /// The instruction for `fn` of arguments of type `type`; its operands follow in order, the
  /// condition of a select last.
  static String scalar(ScalarFn fn, RegisterType type) {
    if (type == RegisterType.BOOL) {
      return switch (fn) {
        case AND -> "and.pred";
        case OR -> "or.pred";
        case XOR -> "xor.pred";
        case NOT -> "not.pred";
        default -> throw illegal(fn, type);
      };
    }
    boolean real = type.dtype().isFloat();
    String t = suffix(type);
    return switch (fn) {
      case ADD -> real ? "add.rn." + t : "add." + t;
      case SUB -> real ? "sub.rn." + t : "sub." + t;
      case MUL -> real ? "mul.rn." + t : "mul.lo." + t;
      case DIV -> real ? "div.rn." + t : "div." + t;
      case FMA -> real ? "fma.rn." + t : "mad.lo." + t;
      // Unsigned numbers have none of their own; the bits are the same.
      case NEG -> "neg." + t.replace('u', 's');
      case ABS -> "abs." + t;
      case MAX -> type == RegisterType.F32 ? "max.NaN.f32" : "max." + t;
      case MIN -> type == RegisterType.F32 ? "min.NaN.f32" : "min." + t;
      case EQ -> "setp.eq." + t;
      case NE -> real ? "setp.neu." + t : "setp.ne." + t;
      case LT -> "setp.lt." + t;
      case LE -> "setp.le." + t;
      case GT -> "setp.gt." + t;
      case GE -> "setp.ge." + t;
      case SELECT -> "selp." + bits(type);
      default -> real ? real(fn, type, t) : integer(fn, type, t);
    };
  }

  private static String real(ScalarFn fn, RegisterType type, String t) {
    return switch (fn) {
      case FLOOR -> "cvt.rmi." + t + "." + t;
      case CEIL -> "cvt.rpi." + t + "." + t;
      case ROUND -> "cvt.rni." + t + "." + t;
      case TRUNC -> "cvt.rzi." + t + "." + t;
      case SQRT -> "sqrt.rn." + t;
      case IS_NAN -> "setp.nan." + t;
      default -> throw illegal(fn, type);
    };
  }

  private static String integer(ScalarFn fn, RegisterType type, String t) {
    return switch (fn) {
      case REM -> "rem." + t;
      case AND -> "and." + bits(type);
      case OR -> "or." + bits(type);
      case XOR -> "xor." + bits(type);
      case NOT -> "not." + bits(type);
      case SHL -> "shl." + bits(type);
      case SHR -> "shr." + t;
      default -> throw illegal(fn, type);
    };
  }

  /// The instruction that converts between two types, neither of which is `bool`.
  static String cast(RegisterType to, RegisterType from) {
    boolean real = to.dtype().isFloat();
    if (from.dtype().isFloat()) {
      return !real
          ? "cvt.rzi." + suffix(to) + "." + suffix(from)
          : to == RegisterType.F64 ? "cvt.f64.f32" : "cvt.rn.f32.f64";
    }
    if (real) {
      return "cvt.rn." + suffix(to) + "." + suffix(from);
    }
    int bits = to.dtype().bits();
    if (bits == from.dtype().bits()) {
      return "mov." + bits(to);
    }
    // The new upper bits come from the sign that the value had.
    boolean signed = from == RegisterType.I32;
    return bits == 32 ? "cvt.u32.u64" : signed ? "cvt.s64.s32" : "cvt.u64.u32";
  }

  /// The type as arithmetic names it.
  static String suffix(RegisterType type) {
    return switch (type) {
      case I32 -> "s32";
      case U32 -> "u32";
      case I64 -> "s64";
      case U64 -> "u64";
      case F32 -> "f32";
      case F64 -> "f64";
      case BOOL, TOKEN -> throw new CompilerBug("PtxEmitter", "arithmetic of " + type);
    };
  }

  /// The type as moves and logic name it, which is that of its registers.
  static String bits(RegisterType type) {
    return switch (type) {
      case I32, U32 -> "b32";
      case I64, U64 -> "b64";
      case F32 -> "f32";
      case F64 -> "f64";
      case BOOL -> "pred";
      case TOKEN -> throw new CompilerBug("PtxEmitter", "a move of a token");
    };
  }

  /// The letters with which the type's registers begin.
  static String letters(RegisterType type) {
    return switch (type) {
      case I32, U32 -> "r";
      case I64, U64 -> "rd";
      case F32 -> "f";
      case F64 -> "fd";
      case BOOL -> "p";
      case TOKEN -> "token";
    };
  }

  /// A number as an operand.
  static String literal(Elem.Literal literal) {
    return switch (literal.dtype()) {
      case F32 ->
          "0f%08X"
              .formatted(Float.floatToRawIntBits((float) literal.dtype().round(literal.real())));
      case F64 -> "0d%016X".formatted(Double.doubleToRawLongBits(literal.real()));
      default -> Long.toString(literal.integer());
    };
  }

  private static CompilerBug illegal(ScalarFn fn, RegisterType type) {
    return new CompilerBug("PtxEmitter", fn + " of " + type + " is not legal");
  }
}
