package dev.sinter.dsl.parse;

import java.util.Map;
import java.util.Set;
import org.antlr.v4.runtime.Token;
import org.jspecify.annotations.Nullable;

/// The slips that people make who come from other languages, or in a hurry.
final class Slips {
  private static final String FN =
      "a function begins with `fn`: `fn name(x: f32[N]) -> f32[N] = ...`";
  private static final String BINDING = "a name needs no word before it: `x = ...`";
  private static final String MODULE = "write `module Name[I -> O](...) { ... }`";
  private static final String IF = "`if` is an expression: `if c then a else b`";

  private static final Map<String, String> WORDS =
      Map.ofEntries(
          Map.entry("let", BINDING),
          Map.entry("var", BINDING),
          Map.entry("val", BINDING),
          Map.entry("const", BINDING),
          Map.entry("auto", BINDING),
          Map.entry("def", FN),
          Map.entry("func", FN),
          Map.entry("fun", FN),
          Map.entry("function", FN),
          Map.entry("lambda", FN),
          Map.entry("class", MODULE),
          Map.entry("struct", MODULE),
          Map.entry("layer", MODULE),
          Map.entry("elif", "write `else if`"),
          Map.entry("pass", "an empty body is `{}`"),
          Map.entry("use", "write `import blocks.{Block}`"),
          Map.entry("include", "write `import blocks.{Block}`"),
          Map.entry("yield", "a loop gives a value of each turn by `emit`"),
          Map.entry("repeat", "a loop is `scan (i in 0..n) with (h = start) { ... }`"),
          Map.entry("parameter", "write `param weight: f32[O, I] = ...`"));

  private static final Map<String, String> DTYPES =
      Map.ofEntries(
          Map.entry("float", "f32"),
          Map.entry("float16", "f16"),
          Map.entry("half", "f16"),
          Map.entry("bfloat16", "bf16"),
          Map.entry("float32", "f32"),
          Map.entry("float64", "f64"),
          Map.entry("double", "f64"),
          Map.entry("int", "i32"),
          Map.entry("int8", "i8"),
          Map.entry("int16", "i16"),
          Map.entry("int32", "i32"),
          Map.entry("int64", "i64"),
          Map.entry("long", "i64"),
          Map.entry("uint8", "u8"),
          Map.entry("byte", "u8"));

  private static final Set<String> DEFINING = Set.of("module", "model", "optimizer", "train");

  private static final Set<Integer> EXPRESSION_STARTS =
      Set.of(
          SinterLexer.LPAREN,
          SinterLexer.LBRACKET,
          SinterLexer.INT,
          SinterLexer.FLOAT,
          SinterLexer.STRING,
          SinterLexer.NOT,
          SinterLexer.DTYPE);

  private Slips() {}

  static @Nullable Slip find(Stumble at) {
    Slip slip = word(at);
    slip = slip != null ? slip : statement(at);
    slip = slip != null ? slip : item(at);
    slip = slip != null ? slip : signature(at);
    slip = slip != null ? slip : expression(at);
    return slip != null ? slip : name(at);
  }

  private static @Nullable Slip word(Stumble at) {
    for (Token token : new Token[] {at.found(), at.start(), at.before(1)}) {
      String help = WORDS.get(token.getText());
      boolean leads = !token.equals(at.before(1)) || token.getType() == SinterLexer.ID;
      if (help != null && leads) {
        return Slip.foreign(token.getText(), help);
      }
    }
    boolean python = at.start().getText().equals("from") && at.rule() == SinterParser.RULE_file;
    return python ? Slip.foreign("from", "write `import blocks.{Block}`") : null;
  }

  private static @Nullable Slip statement(Stumble at) {
    int type = at.found().getType();
    if (at.beginsBody(SinterParser.RULE_block)) {
      return switch (type) {
        case SinterLexer.IF -> Slip.help(IF + "; give its value a name, or `return` it");
        case SinterLexer.WHILE, SinterLexer.SCAN ->
            Slip.help("a loop is an expression: give its value a name, or `return` it");
        case SinterLexer.FN ->
            Slip.of("a function inside of a function", "define it beside this one");
        case SinterLexer.PARAM ->
            Slip.of("a `param` inside of a function", "define it in the braces of the module");
        default -> {
          if (at.found().getText().equals("for")) {
            yield Slip.help("a loop is `scan (i in 0..n) with (h = start) { ... }`");
          }
          if (at.found().getText().equals("state")) {
            yield Slip.of(
                "a `state` inside of a function", "define it in the braces of the module");
          }
          yield EXPRESSION_STARTS.contains(type) ? unnamed() : null;
        }
      };
    }
    if (at.rule() == SinterParser.RULE_statement
        && type == SinterLexer.ASSIGN
        && at.before(1).getType() == SinterLexer.TYPE) {
      return Slip.help(
          "sizes and modules are named in the braces of the module, not in a function; a size that"
              + " data tells has a bound: `K <= N = count`");
    }
    boolean bare =
        at.rule() == SinterParser.RULE_statement
            && !at.start().equals(at.found())
            && (type == SinterLexer.LPAREN
                || type == SinterLexer.DOT
                || type == SinterLexer.RBRACE
                || type == SinterLexer.LBRACE
                || at.found().getText().equals("|>")
                || Expected.isOperator(type));
    return bare ? unnamed() : null;
  }

  private static Slip unnamed() {
    return Slip.of(
        "this value gets no name", "write `name = ...` before it; a body ends in `return ...`");
  }

  private static @Nullable Slip item(Stumble at) {
    boolean items =
        at.rule() == SinterParser.RULE_item
            || at.rule() == SinterParser.RULE_trainItem
            || at.rule() == SinterParser.RULE_members
            || at.rule() == SinterParser.RULE_trainMembers;
    if (!items) {
      return null;
    }
    return switch (at.found().getType()) {
      case SinterLexer.LPAREN ->
          Slip.of(
              "a function without `fn`",
              "write `fn` before it; `fn (...)` alone is what the module is called by");
      case SinterLexer.RETURN, SinterLexer.EMIT ->
          Slip.help("statements stand in the body of a `fn`: `fn (x: f32[N]) -> f32[N] { ... }`");
      case SinterLexer.COLON ->
          Slip.help(
              "a tensor that is trained is `param w: f32[N] = zeros()`, one that is kept `state`");
      default -> null;
    };
  }

  private static @Nullable Slip signature(Stumble at) {
    int type = at.found().getType();
    Expected expected = at.expected();
    String dtype = DTYPES.get(at.before(1).getText());
    if (type == SinterLexer.LBRACKET && dtype != null) {
      return Slip.of(
          "`" + at.before(1).getText() + "` is no dtype of the language",
          "write `" + dtype + "[...]`");
    }
    if (at.rule() == SinterParser.RULE_item && expected.has(SinterLexer.COLON)) {
      return Slip.help("the type stands behind a colon: `param weight: f32[O, I] = zeros()`");
    }
    if (at.rule() == SinterParser.RULE_field && expected.has(SinterLexer.COLON)) {
      return Slip.help("every parameter has a type: `x: f32[N]`, `k: int = 3`");
    }
    if (at.rule() == SinterParser.RULE_function && expected.has(SinterLexer.ARROW)) {
      return Slip.of(
          "this function does not say what it gives",
          "write `-> f32[N]`, say, after the parameters");
    }
    if (at.rule() == SinterParser.RULE_body || at.rule() == SinterParser.RULE_function) {
      return Slip.help("a body is `= expression` or `{ ... return expression }`");
    }
    if (type == SinterLexer.COLON && at.within(SinterParser.RULE_args)) {
      return Slip.help("an argument by name is written `k = 3`");
    }
    if (type == SinterLexer.COLON && at.within(SinterParser.RULE_suffix)) {
      return Slip.help("a slice is written `0..3`");
    }
    boolean dots = type == SinterLexer.DOT && at.before(1).getType() == SinterLexer.RANGE;
    return dots ? Slip.help("any number of dims is `..S`, with two dots") : null;
  }

  private static @Nullable Slip expression(Stumble at) {
    int type = at.found().getType();
    Expected expected = at.expected();
    if (at.within(SinterParser.RULE_over) && type == SinterLexer.RBRACE) {
      return Slip.of("nothing says how these weights learn", "write `over net with Sgd(lr = 0.1)`");
    }
    if (type == SinterLexer.WHERE && expected.expression()) {
      return Slip.help(
          "the choice by element is `select(c, a, b)`; `where (...)` stands after a result");
    }
    if (type == SinterLexer.ASSIGN && expected.has(SinterLexer.THEN)) {
      return Slip.help("equality is `==`");
    }
    if (expected.has(SinterLexer.ELSE)) {
      return Slip.help("an `if` always has an `else`");
    }
    boolean afterIf = at.within(SinterParser.RULE_axes) && precededByIf(at);
    if (afterIf || expected.has(SinterLexer.THEN)) {
      return Slip.help(IF);
    }
    boolean next =
        EXPRESSION_STARTS.contains(type) || type == SinterLexer.ID || type == SinterLexer.TYPE;
    return next && expected.has(SinterLexer.COMMA) ? Slip.help("a `,` is missing before it") : null;
  }

  private static boolean precededByIf(Stumble at) {
    for (int i = 1; i < 8; i++) {
      if (at.before(i).getType() == SinterLexer.LBRACE) {
        return at.before(i + 2).getType() == SinterLexer.IF;
      }
    }
    return false;
  }

  private static @Nullable Slip name(Stumble at) {
    int type = at.found().getType();
    String text = at.found().getText();
    Expected expected = at.expected();
    boolean defines = DEFINING.contains(at.before(1).getText());
    if (type == SinterLexer.ID
        && (defines || (expected.has(SinterLexer.TYPE) && !expected.has(SinterLexer.ID)))) {
      String capital = Character.toUpperCase(text.charAt(0)) + text.substring(1);
      String help = "names of modules, models and sizes begin with a capital: `" + capital + "`";
      return defines ? Slip.of("`" + text + "` is no name of a definition", help) : Slip.help(help);
    }
    if (type == SinterLexer.TYPE && expected.onlyName()) {
      return Slip.help("names of values and members begin with a small letter");
    }
    boolean reserved =
        !text.isEmpty() && Character.isLowerCase(text.charAt(0)) && type != SinterLexer.ID;
    if (reserved && (expected.onlyName() || at.before(1).getType() == SinterLexer.FN)) {
      return Slip.help("`" + text + "` is a word of the language: choose another name");
    }
    return null;
  }
}
