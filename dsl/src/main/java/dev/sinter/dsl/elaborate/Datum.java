package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Argument;
import dev.sinter.dsl.ast.Definition;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.Node;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/// What an expression of the language stands for. All but [Tensor] is known at compile time.
sealed interface Datum {
  /// A size or an int; a constant where all symbols in it are known.
  record Size(Dim dim) implements Datum {}

  /// A float.
  record Real(double value) implements Datum {}

  /// A bool.
  record Truth(boolean value) implements Datum {}

  /// A string.
  record Text(String value) implements Datum {}

  /// A dtype, which called is a cast.
  record Type(DType dtype) implements Datum {}

  /// A run-time value.
  record Tensor(Value value) implements Datum {}

  /// A param or state by its path; read where it is named.
  record Parameter(String path, dev.sinter.ir.diagnostic.Span span) implements Datum {}

  /// A source of randomness: a `u32[2]` that is made when it is first used.
  record Key(KeySource source) implements Datum {}

  /// A module with its parameters.
  record Module(ModuleInstance instance) implements Datum {}

  /// Something that can be called, with arguments that it has already.
  record Function(Callable callable, List<Argued> given) implements Datum {
    public Function {
      given = List.copyOf(given);
    }
  }

  /// Stages one after the other, `f |> g`.
  record Pipeline(List<Datum> stages) implements Datum {
    public Pipeline {
      stages = List.copyOf(stages);
    }
  }

  /// A list.
  record Many(List<Datum> elements) implements Datum {
    public Many {
      elements = List.copyOf(elements);
    }
  }

  /// Several results, by name where they have one.
  record Tuple(List<Datum> elements, List<String> names) implements Datum {
    public Tuple {
      elements = List.copyOf(elements);
      names = List.copyOf(names);
    }
  }

  /// An optimizer with its arguments, still as written: they are evaluated for each step.
  ///
  /// @param home the top level of the file that defines it
  /// @param scope where its arguments are read
  record Optimizer(
      Definition.Optimizer definition, Scope home, List<Argument> arguments, Scope scope)
      implements Datum {}

  /// What a parameter is at first.
  record Initial(Initializer initializer) implements Datum {}

  /// An initialiser whose spread depends on the sizes of the parameter.
  record Fans(FanRule rule) implements Datum {}

  /// From a parameter's type to its first value.
  interface FanRule {
    Initializer of(dev.sinter.ir.TensorType type);
  }

  /// Something that takes its shape and dtype from the declared type: `zeros()`, `iota()`.
  record Shapeless(Maker maker) implements Datum {}

  /// A module that is not there, because its `when` does not hold.
  record Absent(String name, String condition) implements Datum {}

  /// An argument: by position where the name is empty.
  record Argued(String name, Datum value, dev.sinter.ir.diagnostic.Span span) {}

  /// Makes a value of a shape and dtype.
  interface Maker {
    Datum make(dev.sinter.ir.TensorType type, Build build);
  }

  /// What a datum is called in a message.
  default String kind() {
    return switch (this) {
      case Size size ->
          size.dim().isConstant() ? "the int " + size.dim() : "the size " + size.dim();
      case Real real -> "the float " + real.value();
      case Truth truth -> "the bool " + truth.value();
      case Text text -> "the string \"" + text.value() + "\"";
      case Type type -> "the dtype " + type.dtype();
      case Tensor tensor -> "a tensor " + tensor.value().type();
      case Parameter parameter -> "the tensor " + parameter.path();
      case Key key -> "a key";
      case Module module -> "a module " + module.instance().kindName();
      case Function function -> "the function " + function.callable().name();
      case Pipeline pipeline -> "a pipeline";
      case Many many -> "a list";
      case Tuple tuple -> tuple.elements().size() + " values";
      case Optimizer optimizer -> "the optimizer " + optimizer.definition().name();
      case Initial initial -> "an initialiser";
      case Fans fans -> "an initialiser";
      case Shapeless shapeless -> "a value that takes its shape from a declared type";
      case Absent absent -> "`" + absent.name() + "`, which is absent";
    };
  }

  /// Keeps names of results together with values.
  static Datum results(List<Datum> values, List<String> names) {
    return values.size() == 1 ? values.getFirst() : new Tuple(values, names);
  }

  /// All results of a node, as one datum.
  static Datum results(Node node) {
    List<Datum> values = new ArrayList<>();
    node.results().forEach(r -> values.add(new Tensor(r)));
    return results(values, List.of());
  }
}
