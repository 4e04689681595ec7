package dev.sinter.dsl.elaborate;

import dev.sinter.ir.Dim;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A call of a builtin: its arguments and where it stands.
///
/// @param all the compilation
/// @param name the name it is called by
/// @param arguments as given, in their order
/// @param span the whole call
/// @param graph the entry that is built, or null where members are made
/// @param expected the declared type of the value, or null
record CallSite(
    Elaboration all,
    String name,
    List<Datum.Argued> arguments,
    Span span,
    @Nullable Build graph,
    @Nullable TensorType expected) {

  /// The entry that is built.
  Build build() {
    return Faults.graph(graph, span);
  }

  /// The number of arguments by position.
  int count() {
    return (int) arguments.stream().filter(a -> a.name().isEmpty()).count();
  }

  /// The arguments by name.
  Map<String, Datum> named() {
    Map<String, Datum> named = new LinkedHashMap<>();
    for (Datum.Argued argument : arguments) {
      if (!argument.name().isEmpty()) {
        named.put(argument.name(), argument.value());
      }
    }
    return named;
  }

  /// The argument at `position` or under `name`.
  Optional<Datum.Argued> find(int position, String name) {
    int at = 0;
    for (Datum.Argued argument : arguments) {
      if (argument.name().equals(name) && !name.isEmpty()) {
        return Optional.of(argument);
      }
      if (argument.name().isEmpty() && at++ == position) {
        return Optional.of(argument);
      }
    }
    return Optional.empty();
  }

  private Datum.Argued need(int position, String parameter) {
    return find(position, parameter)
        .orElseThrow(() ->
            new Fault(
                Diagnostic.error(
                        DiagnosticCode.WRONG_ARGUMENTS,
                        span,
                        "`" + name + "` lacks the argument `" + parameter + "`")
                    .help(
                        parameter.equals("key")
                            ? "declare `key k` in the module or step, and write `key = k`"
                            : "write `" + name + "(..., " + parameter + " = ...)`")));
  }

  /// Reports arguments beyond the first `positions` and names that are not among `names`.
  CallSite only(int positions, String... names) {
    int at = 0;
    for (Datum.Argued argument : arguments) {
      if (argument.name().isEmpty()) {
        if (at++ >= positions) {
          throw Faults.of(
              DiagnosticCode.WRONG_ARGUMENTS,
              argument.span(),
              "`" + name + "` takes " + positions + " arguments by position");
        }
      } else if (!List.of(names).contains(argument.name())) {
        throw Faults.unknown(
            "argument of `" + name + "`", argument.name(), argument.span(), List.of(names));
      }
    }
    return this;
  }

  /// The datum of an argument.
  Datum datum(int position, String parameter) {
    return need(position, parameter).value();
  }

  /// A tensor argument; a number becomes an `f32` scalar.
  Value tensor(int position, String parameter) {
    return tensor(position, parameter, DType.F32);
  }

  /// A tensor argument; a number becomes a scalar of `beside`.
  Value tensor(int position, String parameter, DType beside) {
    Datum.Argued argument = need(position, parameter);
    return Arithmetic.tensor(argument.value(), beside, argument.span(), build());
  }

  /// A size or int.
  Dim size(int position, String parameter) {
    Datum.Argued argument = need(position, parameter);
    if (argument.value() instanceof Datum.Size(Dim dim)) {
      return dim;
    }
    throw Faults.of(
        DiagnosticCode.WRONG_KIND,
        argument.span(),
        "`" + parameter + "` is a size or an int, not " + argument.value().kind());
  }

  /// A list of sizes or ints.
  List<Dim> sizes(int position, String parameter) {
    Datum.Argued argument = need(position, parameter);
    if (argument.value() instanceof Datum.Many(List<Datum> elements)
        && elements.stream().allMatch(Datum.Size.class::isInstance)) {
      return elements.stream().map(size -> ((Datum.Size) size).dim()).toList();
    }
    throw Faults.of(
        DiagnosticCode.WRONG_KIND,
        argument.span(),
        "`" + parameter + "` is a list of sizes, as in `[N, 4]`, not " + argument.value().kind());
  }

  /// An int, or `otherwise` where it is not given.
  long integer(int position, String parameter, long otherwise) {
    if (find(position, parameter).isEmpty()) {
      return otherwise;
    }
    return integer(position, parameter);
  }

  /// An int.
  long integer(int position, String parameter) {
    Dim dim = size(position, parameter);
    if (!dim.isConstant()) {
      throw Faults.of(
          DiagnosticCode.NOT_CONSTANT,
          need(position, parameter).span(),
          "`" + parameter + "` is an int known at compile time, not " + dim);
    }
    return dim.constant();
  }

  /// A float, or `otherwise` where it is not given.
  double real(int position, String parameter, double otherwise) {
    Optional<Datum.Argued> argument = find(position, parameter);
    if (argument.isEmpty()) {
      return otherwise;
    }
    Double value = Arithmetic.real(argument.get().value());
    if (value == null) {
      throw Faults.of(
          DiagnosticCode.WRONG_KIND,
          argument.get().span(),
          "`" + parameter + "` is a float, not " + argument.get().value().kind());
    }
    return value;
  }

  /// A bool, or `otherwise` where it is not given.
  boolean truth(int position, String parameter, boolean otherwise) {
    Optional<Datum.Argued> argument = find(position, parameter);
    if (argument.isEmpty()) {
      return otherwise;
    }
    if (argument.get().value() instanceof Datum.Truth(boolean value)) {
      return value;
    }
    throw Faults.of(
        DiagnosticCode.WRONG_KIND,
        argument.get().span(),
        "`" + parameter + "` is a bool, not " + argument.get().value().kind());
  }

  /// The value of a key argument.
  Value key(int position, String parameter) {
    Datum.Argued argument = need(position, parameter);
    if (!(argument.value() instanceof Datum.Key(KeySource source))) {
      throw Faults.of(
          DiagnosticCode.WRONG_KIND,
          argument.span(),
          "`" + parameter + "` is a key, not " + argument.value().kind());
    }
    if (!name.equals("fold")
        && source instanceof KeySource.Place(String path, Span declared, boolean once)
        && once
        && !build().draws(path)) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.KEY_USED_TWICE,
                  argument.span(),
                  "the key `" + declared.text() + "` is drawn from a second time")
              .also(declared, "declared here")
              .note("two draws with one key would give the same numbers")
              .help("declare a key for each, or make more of one: `fold(k, 1)`"));
    }
    Value key = build().key(source);
    if (key == null) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.NO_KEY,
                  argument.span(),
                  "this entry point draws random numbers, but has no key")
              .help("give its `fn` a parameter `k: key[]`"));
    }
    return key;
  }

  /// An axis: an int from `-rank` to `rank - 1`, as one from 0.
  int axis(int position, String parameter, int rank, long otherwise) {
    long axis = integer(position, parameter, otherwise);
    if (axis < -rank || axis >= rank) {
      throw Faults.of(
          DiagnosticCode.OUT_OF_RANGE,
          find(position, parameter).map(Datum.Argued::span).orElse(span),
          "axis " + axis + " of a tensor of " + rank + " axes");
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }
}
