# Writes survey.json, the figures that R's package survey gives for small designs.
# Usage: Rscript tests/unit/findings/survey/estimators/oracles/survey.R > tests/unit/findings/survey/estimators/oracles/survey.json
suppressMessages(library(survey))
options(survey.lonely.psu = "adjust", digits = 15)

two_stage <- data.frame(
  stratum = c(rep("a", 9), rep("b", 6)),
  cluster = c(1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 5, 6),
  id = 1:15,
  clusters = c(rep(20, 9), rep(7, 6)),
  adverts = c(5, 5, 5, 4, 4, 9, 9, 9, 9, 2, 2, 30, 30, 30, 3),
  y = c(1, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1)
)
design <- svydesign(
  id = ~cluster + id, strata = ~stratum, fpc = ~clusters + adverts, data = two_stage, nest = TRUE
)
total <- svytotal(~y, design)
share <- svymean(~y, design)
exact <- svyciprop(~y, design, method = "beta", level = 0.95)

draws <- data.frame(
  stratum = c(rep("a", 5), rep("b", 4)),
  id = 1:9,
  value = c(120, 0, 75.5, 0, 0, 10, 10, 0, 42)
)
draws$weight <- 1 / ave(draws$value, draws$stratum, FUN = length)
independent <- svydesign(id = ~id, strata = ~stratum, weights = ~weight, data = draws)
sums <- svytotal(~value, independent)

adverts <- data.frame(
  stratum = c(rep("a", 8), rep("b", 12)),
  size = c(rep(80, 8), rep(12, 12)),
  y = c(1, 0, 0, 0, 0, 1, 0, 0, rep(1, 7), rep(0, 5))
)
plain <- svydesign(id = ~1, strata = ~stratum, fpc = ~size, data = adverts)
counted <- svytotal(~y, plain)

number <- function(name, x) cat(sprintf('  "%s": %.15g', name, as.numeric(x)))
figures <- list(
  two_stage_total = coef(total), two_stage_total_error = SE(total),
  two_stage_share = coef(share), two_stage_share_error = SE(share),
  two_stage_degrees = degf(design),
  korn_graubard_low = attr(exact, "ci")[1], korn_graubard_high = attr(exact, "ci")[2],
  draws_total = coef(sums), draws_total_error = SE(sums),
  adverts_total = coef(counted), adverts_total_error = SE(counted)
)
cat("{\n")
for (i in seq_along(figures)) {
  number(names(figures)[i], figures[[i]])
  cat(if (i < length(figures)) ",\n" else "\n")
}
cat("}\n")
