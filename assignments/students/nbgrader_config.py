"""The config for students' accounts: copy it to a folder in JUPYTER_CONFIG_PATH, or to /etc/jupyter for everybody."""

COURSE_ID = "vision"
EXCHANGE = "/usr/local/share/nbgrader/exchange"

c = get_config()  # noqa: F821 - nbgrader defines it

c.CourseDirectory.course_id = COURSE_ID
c.Exchange.root = EXCHANGE
c.Execute.timeout = 300  # seconds per cell in Validate, which runs the experiments too; nbgrader's default is 30
