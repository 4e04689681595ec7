package dev.sinter.codegen.ptx;

import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.ScalarExpansion;
import dev.sinter.ir.kernel.ThreadCode;
import dev.sinter.ir.kernel.ThreadKernel.Expr;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.RegisterType;
import dev.sinter.runtime.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Scalar functions and conversions as steps of which each is one line of PTX ([PtxOps]).
///
/// @param code where the steps go
record LegalScalar(ThreadCode code) {
  /// Whether `fn` of arguments of type `type` has a legal form.
  static boolean knows(ScalarFn fn, RegisterType type) {
    boolean real = type.dtype().isFloat();
    return switch (fn) {
      case POW, ATAN2, SIN, COS, TAN, ASIN, ACOS, ATAN -> false;
      case EXP, EXPM1, LOG, LOG1P, TANH, ERF -> type == RegisterType.F32;
      case SQRT -> real;
      case REM -> !real && type != RegisterType.BOOL;
      case SHL, SHR -> type == RegisterType.I32 || type == RegisterType.U32;
      case THREEFRY -> type == RegisterType.U32;
      case DIV, FMA, SIGN, NEG, ABS -> type != RegisterType.BOOL;
      case AND, OR, XOR, NOT -> !real;
      case ADD, SUB, MUL, FLOOR, CEIL, ROUND, TRUNC -> type != RegisterType.BOOL;
      case SELECT, MAX, MIN, EQ, NE, LT, LE, GT, GE, IS_NAN -> true;
    };
  }

  /// `fn` of `args`.
  Register apply(ScalarFn fn, List<Register> args) {
    RegisterType type = args.getLast().type();
    Optional<ScalarExpansion> expansion = ScalarExpansion.of(fn);
    if (expansion.isPresent() && expansion.get().dtype() == type.dtype()) {
      return expanded(expansion.get(), args);
    }
    if (type == RegisterType.BOOL) {
      return ofBools(fn, args);
    }
    return type.dtype().isFloat() ? ofFloats(fn, args, type) : ofIntegers(fn, args, type);
  }

  private Register raw(ScalarFn fn, List<Register> args) {
    return code.define(new Expr.Apply(fn, args));
  }

  private Register number(RegisterType type, double value) {
    return code.constant(PtxLegalizer.literal(type, value));
  }

  private Register select(Register condition, Register yes, Register no) {
    return code.apply(ScalarFn.SELECT, condition, yes, no);
  }

  private Register ofBools(ScalarFn fn, List<Register> args) {
    return switch (fn) {
      case AND, OR, XOR, NOT -> raw(fn, args);
      case MAX -> raw(ScalarFn.OR, args);
      case MIN -> raw(ScalarFn.AND, args);
      case NE -> raw(ScalarFn.XOR, args);
      case EQ -> code.apply(ScalarFn.NOT, raw(ScalarFn.XOR, args));
      case IS_NAN -> number(RegisterType.BOOL, 0);
      case SELECT -> {
        Register yes = code.apply(ScalarFn.AND, args.get(0), args.get(1));
        Register not = code.apply(ScalarFn.NOT, args.get(0));
        yield code.apply(ScalarFn.OR, yes, code.apply(ScalarFn.AND, not, args.get(2)));
      }
      case LT, LE, GT, GE -> raw(fn, args.stream().map(a -> cast(RegisterType.I32, a)).toList());
      default -> throw new IllegalArgumentException(fn + " of bools");
    };
  }

  private Register ofFloats(ScalarFn fn, List<Register> args, RegisterType type) {
    Register x = args.getFirst();
    return switch (fn) {
      case SIGN -> {
        Register zero = number(type, 0);
        Register below = code.apply(ScalarFn.LT, x, zero);
        // Zeros and NaN stay what they are.
        Register negative = select(below, number(type, -1), x);
        yield select(code.apply(ScalarFn.GT, x, zero), number(type, 1), negative);
      }
      case MAX, MIN -> type == RegisterType.F32 ? raw(fn, args) : orNan(args, raw(fn, args));
      default -> raw(fn, args);
    };
  }

  /// `result`, or the argument that is NaN: the instruction for `f64` passes over NaN.
  private Register orNan(List<Register> args, Register result) {
    Register out = result;
    for (Register arg : args) {
      out = select(code.apply(ScalarFn.IS_NAN, arg), arg, out);
    }
    return out;
  }

  private Register ofIntegers(ScalarFn fn, List<Register> args, RegisterType type) {
    Register x = args.getFirst();
    boolean signed = type.dtype().kind() == DType.Kind.SIGNED;
    return switch (fn) {
      case FLOOR, CEIL, ROUND, TRUNC -> x;
      case IS_NAN -> number(RegisterType.BOOL, 0);
      case ABS -> signed ? raw(fn, args) : x;
      case SIGN -> {
        Register zero = number(type, 0);
        Register some = select(code.apply(ScalarFn.GT, x, zero), number(type, 1), zero);
        yield signed ? select(code.apply(ScalarFn.LT, x, zero), number(type, -1), some) : some;
      }
      case DIV, REM -> quotient(fn, x, args.get(1), type, signed);
      default -> raw(fn, args);
    };
  }

  /// The quotient or the floor remainder, 0 for a divisor of 0, of which an instruction makes
  /// anything.
  private Register quotient(
      ScalarFn fn, Register a, Register b, RegisterType type, boolean signed) {
    if (isPositive(b)) {
      return fn == ScalarFn.DIV || !signed ? code.apply(fn, a, b) : modulus(a, b, type);
    }
    Register zero = number(type, 0);
    Register none = code.apply(ScalarFn.EQ, b, zero);
    Register divisor = select(none, number(type, 1), b);
    Register value =
        fn == ScalarFn.DIV || !signed ? code.apply(fn, a, divisor) : modulus(a, divisor, type);
    return select(none, zero, value);
  }

  private Register modulus(Register a, Register b, RegisterType type) {
    Register zero = number(type, 0);
    Register rest =
        code.apply(ScalarFn.SUB, a, code.apply(ScalarFn.MUL, code.apply(ScalarFn.DIV, a, b), b));
    Register differs =
        code.apply(
            ScalarFn.XOR, code.apply(ScalarFn.LT, rest, zero), code.apply(ScalarFn.LT, b, zero));
    Register some = code.apply(ScalarFn.NE, rest, zero);
    Register mend = code.apply(ScalarFn.AND, differs, some);
    return select(mend, code.apply(ScalarFn.ADD, rest, b), rest);
  }

  /// Whether the register is surely more than 0: a constant, or a size, of which none is less.
  private boolean isPositive(Register register) {
    return code.definition(register)
        .map(value ->
            value instanceof Expr.Size
                || (value instanceof Expr.Constant(var literal) && literal.integer() > 0))
        .orElse(false);
  }

  /// A conversion of a value.
  Register cast(RegisterType type, Register arg) {
    RegisterType from = arg.type();
    if (from == type) {
      return arg;
    }
    if (from == RegisterType.BOOL) {
      return select(arg, number(type, 1), number(type, 0));
    }
    if (type == RegisterType.BOOL) {
      return code.apply(ScalarFn.NE, arg, number(from, 0));
    }
    Register converted = code.cast(type, arg);
    boolean wide = type == RegisterType.I64 || type == RegisterType.U64;
    // For 64 bits the instruction makes the least integer of NaN.
    return wide && from.dtype().isFloat()
        ? select(code.apply(ScalarFn.IS_NAN, arg), number(type, 0), converted)
        : converted;
  }

  /// The steps of an expansion.
  private Register expanded(ScalarExpansion expansion, List<Register> args) {
    Map<String, Register> locals = new HashMap<>();
    for (int i = 0; i < args.size(); i++) {
      locals.put(expansion.params().get(i), args.get(i));
    }
    for (LoopKernel.Statement.Let step : expansion.steps()) {
      locals.put(step.name(), value(step.value(), locals));
    }
    return value(expansion.result(), locals);
  }

  private Register value(LoopKernel.Expr expr, Map<String, Register> locals) {
    return switch (expr) {
      case LoopKernel.Expr.Local(String name) -> Objects.requireNonNull(locals.get(name));
      case LoopKernel.Expr.Constant(var literal) -> code.constant(literal);
      case LoopKernel.Expr.Apply(ScalarFn fn, List<LoopKernel.Expr> args) ->
          apply(fn, args.stream().map(a -> value(a, locals)).toList());
      case LoopKernel.Expr.Cast(DType dtype, LoopKernel.Expr arg) ->
          cast(RegisterType.of(dtype).orElseThrow(), value(arg, locals));
      case LoopKernel.Expr.Bits(DType dtype, LoopKernel.Expr arg) ->
          code.define(new Expr.Bits(RegisterType.of(dtype).orElseThrow(), value(arg, locals)));
      default -> throw new CompilerBug("PtxLegalizer", expr + " in a scalar expansion");
    };
  }
}
