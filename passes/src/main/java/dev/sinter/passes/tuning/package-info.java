/// What was measured about schedules, as a table that a compilation asks before it estimates.
package dev.sinter.passes.tuning;
