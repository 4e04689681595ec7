package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.TypeSyntax;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.Cast;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Conversions: casts of tensors, and compile-time values to the type of a hyper-parameter.
final class Casts {
  private Casts() {}

  /// `f32(x)`.
  static Datum cast(DType dtype, List<Datum.Argued> arguments, Span span, @Nullable Build build) {
    if (arguments.size() != 1 || !arguments.getFirst().name().isEmpty()) {
      throw Faults.of(DiagnosticCode.WRONG_ARGUMENTS, span, dtype + "(...) takes one value");
    }
    Datum value = arguments.getFirst().value();
    Build graph = Faults.graph(build, span);
    DType beside = value instanceof Datum.Real && !dtype.isFloat() ? DType.F32 : dtype;
    Value tensor = Arithmetic.tensor(value, beside, span, graph);
    return new Datum.Tensor(
        tensor.type().dtype() == dtype ? tensor : graph.builder().add(new Cast(dtype), tensor));
  }

  /// A value as an argument of a hyper-parameter.
  static Datum compileTime(TypeSyntax type, Datum value, String what, Span span) {
    return switch (type) {
      case TypeSyntax.Static named -> scalar(named.name().text(), value, what, span);
      case TypeSyntax.ListOf list -> {
        if (!(value instanceof Datum.Many(List<Datum> elements))) {
          throw wrong(what, "a list", value, span);
        }
        List<Datum> out = new ArrayList<>();
        for (Datum element : elements) {
          out.add(compileTime(list.element(), element, "an element of " + what, span));
        }
        yield new Datum.Many(out);
      }
      case TypeSyntax.FunctionType fn -> {
        if (!(value instanceof Datum.Function
            || value instanceof Datum.Pipeline
            || value instanceof Datum.Module
            || value instanceof Datum.Many)) {
          throw wrong(what, "a function", value, span);
        }
        yield value;
      }
      case TypeSyntax.Named named -> {
        if (!(value instanceof Datum.Module(ModuleInstance instance))
            || !instance.kindName().equals(named.name().text())) {
          throw wrong(what, "a module " + named.name().text(), value, span);
        }
        yield value;
      }
      case TypeSyntax.Tensor tensor -> value;
    };
  }

  private static Datum scalar(String type, Datum value, String what, Span span) {
    return switch (type) {
      case "int" -> {
        if (!(value instanceof Datum.Size)) {
          throw wrong(what, "an int", value, span);
        }
        yield value;
      }
      case "float" ->
          switch (value) {
            case Datum.Real real -> real;
            case Datum.Size(Dim dim) when dim.isConstant() -> new Datum.Real(dim.constant());
            default -> throw wrong(what, "a float", value, span);
          };
      case "bool" -> {
        if (!(value instanceof Datum.Truth)) {
          throw wrong(what, "a bool", value, span);
        }
        yield value;
      }
      case "string" -> {
        if (!(value instanceof Datum.Text)) {
          throw wrong(what, "a string", value, span);
        }
        yield value;
      }
      default ->
          throw Faults.unknown("type", type, span, List.of("int", "float", "bool", "string"));
    };
  }

  private static Fault wrong(String what, String expected, Datum value, Span span) {
    return Faults.of(
        DiagnosticCode.WRONG_KIND, span, what + " is " + expected + ", not " + value.kind());
  }
}
