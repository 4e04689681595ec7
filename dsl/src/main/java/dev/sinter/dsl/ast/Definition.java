package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a file defines at its top level.
///
/// A `doc` is the text of the `///` lines right above, without the slashes; empty where there are
/// none.
public sealed interface Definition {
  String doc();

  /// The name that the file gives to it; of a custom gradient, the function's that it belongs to.
  Name name();

  Span span();

  /// `module Linear[I -> O](biased: bool = true) where (...) { ... }`.
  record Module(
      String doc,
      Name name,
      @Nullable Sizes sizes,
      List<Field> params,
      List<Expr> facts,
      List<Item> items,
      Span span)
      implements Definition {
    public Module {
      params = List.copyOf(params);
      facts = List.copyOf(facts);
      items = List.copyOf(items);
    }
  }

  /// `model Critic(width: int = 32) { ... }`.
  record Model(
      String doc, Name name, List<Field> params, List<Expr> facts, List<Item> items, Span span)
      implements Definition {
    public Model {
      params = List.copyOf(params);
      facts = List.copyOf(facts);
      items = List.copyOf(items);
    }
  }

  /// `model Lite from Gpt(layers = 6) { edits }`.
  record DerivedModel(String doc, Name name, Expr.Instance base, List<Edit> edits, Span span)
      implements Definition {
    public DerivedModel {
      edits = List.copyOf(edits);
    }
  }

  /// `optimizer Sgd(lr: f32[]) { ... }`.
  record Optimizer(String doc, Name name, List<Field> params, List<Item> items, Span span)
      implements Definition {
    public Optimizer {
      params = List.copyOf(params);
      items = List.copyOf(items);
    }
  }

  /// `train Mnist(lr: float = 0.01) { ... }`.
  record Train(String doc, Name name, List<Field> params, List<Item> items, Span span)
      implements Definition {
    public Train {
      params = List.copyOf(params);
      items = List.copyOf(items);
    }
  }

  /// A function of the file's own, not of a module.
  record TopFunction(Function function) implements Definition {
    @Override
    public String doc() {
      return function.doc();
    }

    @Override
    public Name name() {
      return function.name();
    }

    @Override
    public Span span() {
      return function.span();
    }
  }

  /// `gradient of ste(x: f32[..S], dy: f32[..S]) -> f32[..S] = dy`.
  record Gradient(String doc, Name name, List<Field> params, Result result, Body body, Span span)
      implements Definition {
    public Gradient {
      params = List.copyOf(params);
    }
  }
}
