package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What stands in the braces of a module, a model, an optimizer or a `train`.
public sealed interface Item
    permits Edit,
        Item.Member,
        Item.SizeAlias,
        Item.Param,
        Item.State,
        Item.Method,
        Item.Data,
        Item.Step,
        Item.Metric,
        Item.Setting,
        Keys {
  Span span();

  /// `head = Linear[2 * width -> 1] from "head.safetensors" when headed`.
  record Member(Name name, Expr value, @Nullable StringLiteral from, @Nullable Expr when, Span span)
      implements Item {}

  /// `K = D / heads`.
  record SizeAlias(Name name, Expr value, Span span) implements Item {}

  /// `param weight: f32[O, I] = kaiming_uniform(fan_in = I)`.
  record Param(Name name, TypeSyntax type, Expr initial, @Nullable Expr when, Span span)
      implements Item {}

  /// `state running_mean: f32[C] = zeros()`.
  record State(Name name, TypeSyntax type, Expr initial, @Nullable Expr when, Span span)
      implements Item {}

  /// `fn (x: f32[N, I]) -> f32[N, O] = ...`.
  record Method(Function function) implements Item {
    @Override
    public Span span() {
      return function.span();
    }
  }

  /// `data (image: u8[N, 28, 28], label: u8[N]) batch N = size`.
  record Data(List<Field> fields, Name batch, Expr size, Span span) implements Item {
    public Data {
      fields = List.copyOf(fields);
    }
  }

  /// `step critic(times = 2) { ... }`.
  ///
  /// @param name empty where the step has none
  record Step(Name name, List<Argument> arguments, Body.Block body, Span span) implements Item {
    public Step {
      arguments = List.copyOf(arguments);
    }
  }

  /// `metric accuracy = mean(...)`.
  record Metric(Name name, Expr value, Span span) implements Item {}

  /// `seed 42`, `epochs 20`, `holdout 360`, `accumulate 4`, `precision bf16`.
  record Setting(Name word, Expr value, Span span) implements Item {}
}
