CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE unit (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	name VARCHAR NOT NULL, 
	kind VARCHAR, 
	phone VARCHAR, 
	note VARCHAR, contact_id VARCHAR, retired_on VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE person (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	name VARCHAR NOT NULL, 
	phone VARCHAR, 
	unit_id VARCHAR, 
	title VARCHAR, 
	note VARCHAR, retired_on VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE project (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	name VARCHAR NOT NULL, 
	number VARCHAR NOT NULL, 
	category VARCHAR NOT NULL, 
	stage VARCHAR, 
	scope_reason VARCHAR, 
	investment_yuan BIGINT, 
	owner VARCHAR, 
	national_code VARCHAR, 
	adjustments JSON, 
	note VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE assignment (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	role VARCHAR NOT NULL, 
	person_id VARCHAR, 
	unit_id VARCHAR, 
	from_date VARCHAR, 
	to_date VARCHAR, 
	stage VARCHAR, 
	note VARCHAR, for_id VARCHAR, 
	PRIMARY KEY (id)
);
CREATE INDEX assignment_project ON assignment (project_id);
CREATE INDEX assignment_person ON assignment (person_id);
CREATE TABLE visit (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	at VARCHAR NOT NULL, 
	how VARCHAR NOT NULL, 
	place VARCHAR, 
	participants JSON, 
	text VARCHAR, 
	issues_raised JSON, 
	issues_moved JSON, participants_note VARCHAR, acting_for_id VARCHAR, 
	PRIMARY KEY (id)
);
CREATE INDEX visit_project ON visit (project_id, at, id) WHERE deleted = 0;
CREATE INDEX visit_at ON visit (at, id) WHERE deleted = 0;
CREATE TABLE issue (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	number VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	about VARCHAR, 
	category VARCHAR, 
	department_id VARCHAR, 
	owner_id VARCHAR, 
	due VARCHAR, 
	source VARCHAR, 
	source_id VARCHAR, 
	raised_at VARCHAR, 
	text VARCHAR, acting_for_id VARCHAR, urgency VARCHAR, 
	PRIMARY KEY (id)
);
CREATE INDEX issue_project ON issue (project_id);
CREATE TABLE issue_step (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	issue_id VARCHAR NOT NULL, 
	act VARCHAR NOT NULL, 
	at VARCHAR, 
	text VARCHAR, 
	reason VARCHAR, 
	department_id VARCHAR, 
	owner_id VARCHAR, 
	due VARCHAR, 
	until VARCHAR, 
	level INTEGER, 
	meeting_id VARCHAR, 
	measure VARCHAR, 
	evidence VARCHAR, 
	cause VARCHAR, 
	merged_into VARCHAR, 
	close_number VARCHAR, 
	versions JSON, with_ids JSON, acting_for_id VARCHAR, taken_over VARCHAR, waiting_for VARCHAR, request_id VARCHAR, 
	PRIMARY KEY (id)
);
CREATE INDEX issue_step_issue ON issue_step (issue_id);
CREATE TABLE issue_state (
	id VARCHAR NOT NULL, 
	project_id VARCHAR, 
	state VARCHAR NOT NULL, 
	level INTEGER NOT NULL, 
	department_id VARCHAR, 
	owner_id VARCHAR, 
	due VARCHAR, 
	waiting_until VARCHAR, 
	progress_at BIGINT, 
	closed_at BIGINT, 
	close_number VARCHAR, 
	out_of_turn VARCHAR, 
	updated BIGINT NOT NULL, because VARCHAR, due_rule VARCHAR, limit_at VARCHAR, progress_until VARCHAR, extension VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE unknown_line (
	id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	body VARCHAR NOT NULL, 
	base BIGINT NOT NULL, 
	digest BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE history (
	id VARCHAR NOT NULL, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	project_id VARCHAR, 
	deleted BOOLEAN NOT NULL, 
	body VARCHAR NOT NULL, 
	base BIGINT NOT NULL, 
	reason VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (id, stamp, device_id)
);
CREATE TABLE meta (
	"key" VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE notice (
	n INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	code VARCHAR NOT NULL, 
	detail VARCHAR NOT NULL, 
	seen BOOLEAN NOT NULL, 
	PRIMARY KEY (n)
);
CREATE TABLE outbox (
	id VARCHAR NOT NULL, 
	n BIGINT NOT NULL, 
	kind VARCHAR NOT NULL, 
	bucket VARCHAR NOT NULL, 
	stamp BIGINT NOT NULL, 
	wire BLOB NOT NULL, 
	digest BIGINT NOT NULL, 
	base_digest BIGINT, 
	base_stamp BIGINT, 
	drift_ms BIGINT NOT NULL, 
	state VARCHAR NOT NULL, 
	code VARCHAR, 
	reason VARCHAR, 
	at BIGINT, 
	PRIMARY KEY (id)
);
CREATE INDEX outbox_order ON outbox (n);
CREATE TABLE agreement (
	bucket VARCHAR NOT NULL, 
	lines BIGINT NOT NULL, 
	hi BIGINT NOT NULL, 
	lo BIGINT NOT NULL, 
	PRIMARY KEY (bucket)
);
CREATE TABLE fill (
	bucket VARCHAR NOT NULL, 
	PRIMARY KEY (bucket)
);
CREATE TABLE search_line (
    n INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, project_id TEXT,
    root TEXT, number TEXT, number_key TEXT, title TEXT NOT NULL, people TEXT NOT NULL,
    brief TEXT NOT NULL, at TEXT);
CREATE INDEX search_line_number ON search_line (number_key) WHERE number_key IS NOT NULL;
CREATE INDEX search_line_root ON search_line (root) WHERE root IS NOT NULL;
CREATE TABLE procedure (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	code VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	department_id VARCHAR, 
	handler_id VARCHAR, 
	reason VARCHAR, 
	promise_due VARCHAR, 
	document VARCHAR, 
	day VARCHAR, 
	submitted_on VARCHAR, 
	note VARCHAR, acting_for_id VARCHAR, 
	PRIMARY KEY (id)
);
CREATE INDEX procedure_project ON procedure (project_id);
CREATE INDEX procedure_department ON procedure (department_id);
CREATE TABLE meeting (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	session VARCHAR NOT NULL, 
	number VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	level INTEGER NOT NULL, 
	chair_id VARCHAR, 
	place VARCHAR, 
	departments JSON, 
	participants JSON, 
	issues JSON, 
	text VARCHAR, acting_for_id VARCHAR, 
	PRIMARY KEY (id)
);
CREATE INDEX meeting_project ON meeting (project_id);
CREATE INDEX meeting_session ON meeting (session);
CREATE TABLE policy_delivery (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	policy_id VARCHAR NOT NULL, 
	act VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	who JSON, 
	text VARCHAR, acting_for_id VARCHAR, 
	PRIMARY KEY (id)
);
CREATE INDEX policy_delivery_policy ON policy_delivery (policy_id);
CREATE INDEX policy_delivery_project ON policy_delivery (project_id);
CREATE TABLE progress_report (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	month VARCHAR NOT NULL, 
	planned BIGINT, 
	done BIGINT, 
	total BIGINT, 
	physical VARCHAR, 
	text VARCHAR, acting_for_id VARCHAR, 
	PRIMARY KEY (id)
);
CREATE INDEX progress_report_project ON progress_report (project_id, month);
CREATE TABLE statistics_entry (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	filing VARCHAR, 
	contract VARCHAR, 
	photo VARCHAR, 
	licence VARCHAR, 
	entered VARCHAR, 
	note VARCHAR, 
	PRIMARY KEY (id)
);
CREATE INDEX statistics_entry_project ON statistics_entry (project_id);
CREATE TABLE data_return (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	period VARCHAR NOT NULL, 
	due VARCHAR, 
	returned VARCHAR, 
	note VARCHAR, 
	PRIMARY KEY (id)
);
CREATE INDEX data_return_project ON data_return (project_id);
CREATE TABLE policy (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	title VARCHAR NOT NULL, 
	number VARCHAR, 
	issuer VARCHAR, 
	issued VARCHAR, 
	publicity VARCHAR, 
	recipients JSON, 
	annexes JSON, 
	text VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE training (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	title VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	organiser_id VARCHAR, 
	at VARCHAR NOT NULL, 
	minutes INTEGER NOT NULL, 
	place VARCHAR, 
	text VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE attendance (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	training_id VARCHAR NOT NULL, 
	person_id VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX attendance_training ON attendance (training_id);
CREATE INDEX attendance_person ON attendance (person_id);
CREATE TABLE evaluation (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	period VARCHAR NOT NULL, 
	unit_id VARCHAR, 
	person_id VARCHAR, 
	scores JSON, 
	score INTEGER, 
	outcome VARCHAR NOT NULL, 
	fault VARCHAR, 
	reason VARCHAR, 
	basis VARCHAR, 
	text VARCHAR, 
	PRIMARY KEY (id)
);
CREATE INDEX evaluation_period ON evaluation (period);
CREATE TABLE criterion (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	code VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	points INTEGER NOT NULL, 
	fact VARCHAR, 
	rank INTEGER, 
	PRIMARY KEY (id)
);
CREATE TABLE adoption (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	unit_id VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	day VARCHAR, 
	note VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE district_limit (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	name VARCHAR NOT NULL, 
	value INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE follow_up (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	issue_id VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	how VARCHAR NOT NULL, 
	who JSON, 
	satisfaction VARCHAR NOT NULL, 
	text VARCHAR, acting_for_id VARCHAR, 
	PRIMARY KEY (id)
);
CREATE INDEX follow_up_issue ON follow_up (issue_id);
CREATE TABLE close_out (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	issue_id VARCHAR NOT NULL, 
	approval_id VARCHAR NOT NULL, 
	number VARCHAR NOT NULL, 
	year INTEGER NOT NULL, 
	serial INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX close_out_issue ON close_out (issue_id);
CREATE TABLE contact (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	person_id VARCHAR, 
	unit_id VARCHAR, 
	phone VARCHAR NOT NULL, 
	note VARCHAR, further_of VARCHAR, label VARCHAR, 
	PRIMARY KEY (id)
);
CREATE INDEX contact_person ON contact (person_id);
CREATE INDEX contact_unit ON contact (unit_id);
CREATE TABLE dismissed (
	id VARCHAR NOT NULL, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (id, stamp, device_id)
);
CREATE INDEX history_lost ON history (id) WHERE reason = 'superseded';
CREATE INDEX issue_state_owner ON issue_state (owner_id);
CREATE TABLE "carried_round" (
	n INTEGER NOT NULL, 
	began BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	times INTEGER NOT NULL, 
	ran_by VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	detail VARCHAR, 
	verified BOOLEAN NOT NULL, 
	pushed INTEGER NOT NULL, 
	pulled INTEGER NOT NULL, 
	superseded INTEGER NOT NULL, 
	rejected INTEGER NOT NULL, 
	up BIGINT NOT NULL, 
	down BIGINT NOT NULL, 
	ms BIGINT NOT NULL, 
	PRIMARY KEY (n)
);
CREATE INDEX issue_state_state ON issue_state (state, id);
CREATE INDEX issue_state_project ON issue_state (project_id, id);
CREATE INDEX issue_state_department ON issue_state (department_id, id);
CREATE INDEX outbox_rejected ON outbox (n) WHERE state = 'rejected';
CREATE TABLE saved_draft (
	id VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE carried_draft (
	id VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE quarantine (
	id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	fields VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE receipt (
	n INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	digests BLOB NOT NULL, 
	tags BLOB NOT NULL, 
	PRIMARY KEY (n)
);
CREATE TABLE kept_roster (
	mark VARCHAR NOT NULL, 
	sealed VARCHAR NOT NULL, 
	PRIMARY KEY (mark)
);
CREATE INDEX history_binned ON history (id) WHERE reason IN ('taken_back', 'rejected');
CREATE VIRTUAL TABLE search_word USING fts5(words, content='', contentless_delete=1, tokenize='ascii');
CREATE TABLE holiday_year (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	year INTEGER NOT NULL, 
	off JSON NOT NULL, 
	worked JSON, 
	PRIMARY KEY (id)
);
CREATE TABLE merge (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	what VARCHAR NOT NULL, 
	from_id VARCHAR NOT NULL, 
	into_id VARCHAR NOT NULL, 
	note VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE distinction (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	what VARCHAR NOT NULL, 
	first_id VARCHAR NOT NULL, 
	second_id VARCHAR NOT NULL, 
	note VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE merged_id (
	id VARCHAR NOT NULL, 
	kept_id VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX merged_id_kept ON merged_id (kept_id);
CREATE INDEX contact_further ON contact (further_of);
CREATE TABLE co_handler (
	issue_id VARCHAR NOT NULL, 
	department_id VARCHAR NOT NULL, 
	place INTEGER NOT NULL, 
	step_id VARCHAR, 
	disputed BOOLEAN NOT NULL, 
	owed BOOLEAN NOT NULL, 
	PRIMARY KEY (issue_id, department_id)
);
CREATE INDEX co_handler_department ON co_handler (department_id, issue_id);
CREATE INDEX issue_step_turned_back ON issue_step (issue_id) WHERE act IN ('returned', 'rejected', 'reopened', 'disputed') AND deleted = 0;
CREATE INDEX person_name ON person (name, id);
CREATE INDEX assignment_stand_in ON assignment (to_date) WHERE role = 'stand_in';
CREATE TABLE export_record (
	id VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	person_id VARCHAR NOT NULL, 
	what VARCHAR NOT NULL, 
	file_kind VARCHAR NOT NULL, 
	rows BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE erasure (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	person_id VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	basis VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX erasure_person ON erasure (person_id);
CREATE TABLE provisional (
	id VARCHAR NOT NULL, 
	device_id VARCHAR NOT NULL, 
	stamp BIGINT NOT NULL, 
	author_id VARCHAR NOT NULL, 
	project_id VARCHAR, 
	bucket VARCHAR NOT NULL, 
	wire BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (id, device_id)
);
CREATE TABLE attachment (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	of_kind VARCHAR NOT NULL, 
	of_id VARCHAR NOT NULL, 
	issue_id VARCHAR, 
	name VARCHAR NOT NULL, 
	media_type VARCHAR NOT NULL, 
	size BIGINT NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	copy_type VARCHAR, 
	copy_size BIGINT, 
	copy_sha256 VARCHAR, 
	width INTEGER, 
	height INTEGER, 
	taken_at VARCHAR, 
	place VARCHAR, 
	words VARCHAR, 
	PRIMARY KEY (id)
);
CREATE INDEX attachment_of ON attachment (of_id);
CREATE INDEX attachment_issue ON attachment (issue_id);
CREATE INDEX attachment_project ON attachment (project_id);
CREATE INDEX ix_provisional_bucket ON provisional (bucket);
CREATE INDEX ix_provisional_project_id ON provisional (project_id);
CREATE TABLE project_figures (
	project_id VARCHAR NOT NULL, 
	open_issues INTEGER NOT NULL, 
	due VARCHAR, 
	waiting_until VARCHAR, 
	progress_at BIGINT, 
	last_contact VARCHAR, limit_at VARCHAR, progress_until VARCHAR, 
	PRIMARY KEY (project_id)
)
 WITHOUT ROWID

;
CREATE TABLE time_rule (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	days INTEGER NOT NULL, 
	counting VARCHAR NOT NULL, 
	start VARCHAR NOT NULL, 
	urgency VARCHAR, 
	category VARCHAR, 
	pauses VARCHAR NOT NULL, 
	valid_from VARCHAR NOT NULL, 
	valid_until VARCHAR, 
	note VARCHAR, act VARCHAR, extended_by VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE file_rule (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	act VARCHAR NOT NULL, 
	files INTEGER NOT NULL, 
	category VARCHAR, 
	valid_from VARCHAR NOT NULL, 
	valid_until VARCHAR, 
	note VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE phrase (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	text VARCHAR NOT NULL, 
	person_id VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE saved_view (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	person_id VARCHAR NOT NULL, 
	place VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	choices JSON, 
	sort VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE column_meaning (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	ledger VARCHAR NOT NULL, 
	heading VARCHAR NOT NULL, 
	field VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX issue_state_due ON issue_state (due, id, state, waiting_until, progress_at, limit_at, progress_until) WHERE state IN ('open', 'assigned', 'in_progress', 'waiting', 'escalated');
CREATE TABLE reminder_device (
	id VARCHAR NOT NULL, 
	district VARCHAR NOT NULL, 
	project_id VARCHAR, 
	stamp BIGINT NOT NULL, 
	device_id VARCHAR NOT NULL, 
	author_id VARCHAR NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	base BIGINT NOT NULL, 
	extra JSON, 
	digest BIGINT NOT NULL, 
	person_id VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "alembic_version" VALUES ('0032');
