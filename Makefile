# Names only; the work is done by cargo, the job binaries and the scripts that are named here.

CARGO   ?= cargo
BIN     := target/release
LANDING := examples/flights/landing
# One selection for every command: cargo compiles a dependency once for each set of its features.
ALL     := --release --workspace

.PHONY: bronze silver gold run build check test bench lint interop browser data docs clean help

run: bronze silver gold                ## the three hops, one after the other

bronze: build                          ## files -> bronze tables
	$(BIN)/bronze $(LANDING)/flights --table flights
	$(BIN)/bronze $(LANDING)/weather --table weather --format csv --option nullValue=NA

silver: build                          ## bronze -> silver: real timestamps, readable rows
	$(BIN)/silver --source flights --table flights --timestamp time_hour --timezone America/New_York \
		--timestamp-parts date,text --with 'speed_mph=distance / (air_time / 60)' --expect 'departed: dep_time IS NOT NULL'
	$(BIN)/silver --source weather --table weather --timestamp time_hour --timezone America/New_York

gold: build                            ## silver -> gold: statistics, features, a dashboard, any query
	$(BIN)/gold summary --source flights --table flight_summary --group-by carrier --time time_hour --grain day
	$(BIN)/gold features --source flights --table tail_features --entity tailnum --time time_hour --values distance,arr_delay
	$(BIN)/gold dashboard --source flights --table flight_kpis --time time_hour --grain day --group-by origin \
		--metric 'flights=count(*)' --metric 'mean delay (min)=avg(dep_delay)'
	$(BIN)/gold query --table worst_routes --sql "SELECT origin, dest, count(*) AS flights, avg(arr_delay) AS mean_delay \
		FROM flights GROUP BY origin, dest HAVING count(*) >= 5"

build:                                 ## the job binaries (release)
	$(CARGO) build $(ALL) --bins --locked

check:                                 ## does it compile, tests and all
	$(CARGO) check $(ALL) --all-targets --locked

test:                                  ## every test that needs nothing but Rust
	$(CARGO) test $(ALL) --locked

# Exit code 77 means "skipped": what it needs from elsewhere cannot be had here.
interop: build                         ## our tables, read by independent Delta readers (Python)
	bash tests/interop/interop.sh || [ $$? -eq 77 ]

browser: bronze silver gold            ## the dashboard, in a real browser (Chromium)
	bash tests/browser/browser.sh data/lakehouse/gold/flight_kpis.html || [ $$? -eq 77 ]

bench:                                 ## us and the peers, side by side (SIZE=S|M|L)
	bash tests/bench/bench.sh --size $(or $(SIZE),M)

lint:                                  ## formatting and clippy
	$(CARGO) fmt --all --check
	$(CARGO) clippy $(ALL) --all-targets --locked -- -D warnings

data:                                  ## the whole year of flights and weather
	bash examples/flights/data.sh

docs:                                  ## the API documentation
	$(CARGO) doc --workspace --no-deps --locked

clean:                                 ## what runs and builds have made
	rm -rf data target

help:                                  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12
