package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.DimSyntax;
import dev.sinter.dsl.ast.Edit;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Function;
import dev.sinter.dsl.ast.Item;
import dev.sinter.dsl.ast.Keys;
import dev.sinter.dsl.ast.Name;
import dev.sinter.dsl.ast.TypeSyntax;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the items of a module define: sizes, members, weights and states, functions, keys.
final class ModuleItems {
  private final Elaboration all;
  private final StoredWeights stored;

  ModuleItems(Elaboration all) {
    this.all = all;
    this.stored = new StoredWeights(all);
  }

  /// Defines a size, which items above it may use.
  void size(Item item, Scope own) {
    if (item instanceof Item.SizeAlias alias) {
      define(alias.name(), new Datum.Size(all.expressions().size(alias.value(), own, null)), own);
    }
  }

  /// Defines an item, and all that it makes.
  void define(Item item, ModuleInstance instance, Scope own) {
    switch (item) {
      case Item.SizeAlias alias -> {}
      case Item.Member member -> {
        if (absent(member.name(), member.when(), own)) {
          return;
        }
        String at = instance.path(member.name().text());
        all.places().put(at, member.name().span());
        Datum value = all.instantiation().at(at, member.value(), own);
        if (member.from() != null) {
          stored.take(member.from(), at);
        }
        define(member.name(), value, own);
        instance.members().put(member.name().text(), value);
      }
      case Item.Param param -> {
        if (!absent(param.name(), param.when(), own)) {
          tensor(param, param.name(), ModelGraph.Kind.WEIGHT, instance, own);
        }
      }
      case Item.State state -> {
        if (!absent(state.name(), state.when(), own)) {
          tensor(state, state.name(), ModelGraph.Kind.STATE, instance, own);
        }
      }
      case Item.Method method -> {
        Function function = method.function();
        instance.functions().add(function);
        if (!function.isCall()) {
          define(
              function.name(),
              new Datum.Function(new Callable.Method(instance, function), List.of()),
              own);
        }
      }
      case Keys keys ->
          keys.names()
              .forEach(name ->
                  define(
                      name,
                      new Datum.Key(
                          new KeySource.Place(instance.path(name.text()), name.span(), false)),
                      own));
      case Edit edit -> {}
      case Item.Data data -> {}
      case Item.Step step -> {}
      case Item.Metric metric -> {}
      case Item.Setting setting -> {}
    }
  }

  private boolean absent(Name name, @Nullable Expr when, Scope own) {
    if (when == null || all.expressions().truth(when, own, null)) {
      return false;
    }
    define(name, new Datum.Absent(name.text(), when.span().text()), own);
    return true;
  }

  private static void define(Name name, Datum datum, Scope scope) {
    if (scope.has(name.text())) {
      throw new Fault(
          Diagnostic.error(
              DiagnosticCode.DUPLICATE_NAME,
              name.span(),
              "`" + name.text() + "` names two things of one module"));
    }
    scope.define(name.text(), datum);
  }

  private void tensor(
      Item item, Name name, ModelGraph.Kind kind, ModuleInstance instance, Scope own) {
    String path = instance.path(name.text());
    Expr initial =
        item instanceof Item.Param param ? param.initial() : ((Item.State) item).initial();
    TypeSyntax syntax =
        item instanceof Item.Param param ? param.type() : ((Item.State) item).type();
    TensorType type = stateType(syntax, own, kind);
    if (kind == ModelGraph.Kind.WEIGHT && type.shape().stream().anyMatch(d -> !d.isConstant())) {
      throw Faults.of(
          DiagnosticCode.UNBOUND_SIZE,
          syntax.span(),
          "the sizes of a param are constants: " + type);
    }
    all.places().put(path, name.span());
    Initializer initializer = initializer(initial, type, own);
    ModelGraph.Parameter parameter = new ModelGraph.Parameter(path, type, initializer, kind);
    if (all.parameters().put(path, parameter) != null) {
      throw Faults.of(DiagnosticCode.DUPLICATE_NAME, name.span(), path + " is named twice");
    }
    instance
        .tensors()
        .put(name.text(), new ModuleInstance.Tensorial(path, item, kind != ModelGraph.Kind.WEIGHT));
    define(name, new Datum.Parameter(path, name.span()), own);
  }

  /// The type of a param or state; a size of a state that nothing binds is a symbol of the model.
  private TensorType stateType(TypeSyntax syntax, Scope own, ModelGraph.Kind kind) {
    if (kind == ModelGraph.Kind.STATE) {
      for (DimSyntax dim : Types.dims(syntax)) {
        if (dim instanceof DimSyntax.Single single) {
          String symbol = Types.loneSymbol(single.size());
          if (symbol != null && own.find(symbol) == null) {
            Scope with = own.inner();
            with.define(symbol, new Datum.Size(Dim.symbol(symbol)));
            return stateType(syntax, with, kind);
          }
        }
      }
    }
    return all.types().resolve(syntax, own, null);
  }

  /// What a param or state is at first.
  Initializer initializer(Expr expr, TensorType type, Scope scope) {
    Datum datum = all.expressions().eval(expr, scope, null);
    return switch (datum) {
      case Datum.Initial(Initializer initializer) -> initializer;
      case Datum.Real(double value) -> new Initializer.Fill(value);
      case Datum.Size(Dim dim) when dim.isConstant() ->
          new Initializer.Fill((double) dim.constant());
      case Datum.Truth(boolean value) -> new Initializer.Fill(value ? 1 : 0);
      case Datum.Fans(Datum.FanRule rule) -> rule.of(type);
      default ->
          throw new Fault(
              Diagnostic.error(
                      DiagnosticCode.WRONG_KIND, expr.span(), datum.kind() + " is no initialiser")
                  .help(
                      "use a number, zeros(), ones(), normal(mean, std), uniform(low, high),"
                          + " xavier() or kaiming_uniform(fan_in = ...)"));
    };
  }
}
