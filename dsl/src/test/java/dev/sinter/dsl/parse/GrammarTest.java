package dev.sinter.dsl.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.dsl.Samples;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.SourceText;
import java.util.List;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.ListTokenSource;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.atn.DecisionInfo;
import org.antlr.v4.runtime.atn.PredictionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GrammarTest {
  static List<SourceText> samples() {
    return Samples.all();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void readsEverySampleWithoutAmbiguityAndWithThreeTokens(SourceText source) {
    Diagnostics diagnostics = new Diagnostics();
    // Without the hidden tokens, so that those looked at can be counted.
    List<Token> visible =
        SourceParser.tokens(source).getTokens().stream()
            .filter(token -> token.getChannel() == Token.DEFAULT_CHANNEL)
            .toList();
    CommonTokenStream tokens = new CommonTokenStream(new ListTokenSource(visible));
    SinterParser parser = SourceParser.parser(tokens, source, diagnostics);
    parser.setProfile(true);
    parser.getInterpreter().setPredictionMode(PredictionMode.LL_EXACT_AMBIG_DETECTION);
    parser.file();
    assertThat(diagnostics.list()).isEmpty();
    for (DecisionInfo decision : parser.getParseInfo().getDecisionInfo()) {
      int rule = parser.getATN().getDecisionState(decision.decision).ruleIndex;
      String name = SinterParser.ruleNames[rule];
      assertThat(decision.ambiguities).as("ambiguities in rule " + name).isEmpty();
      assertThat(decision.LL_Fallback).as("full-context look-ahead in rule " + name).isZero();
      assertThat(decision.SLL_MaxLook).as("look-ahead in rule " + name).isLessThanOrEqualTo(3);
    }
  }
}
